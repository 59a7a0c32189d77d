"""Stored pictures are read back unchanged, or reported as damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from gramarye.daemon.store.spool import Spool, read_pixels, write_pixels
from gramarye.errors import DaemonError
from gramarye_protocol.pixels import PixelBuffer


@pytest.mark.parametrize("depth", ["u8", "u16", "f16", "f32"])
def test_pixels_profile_and_offset_are_read_back(tmp_path: Path, depth: str) -> None:
    size = {"u8": 1, "u16": 2, "f16": 2, "f32": 4}[depth]
    pixels = PixelBuffer(3, 2, "BGRA", depth, bytes(range(24)) * size, b"profile", (-5, 1 << 19))
    write_pixels(pixels, tmp_path / "layer")
    again = read_pixels(tmp_path / "layer")
    assert (bytes(again.data), again.profile) == (pixels.data, b"profile")
    assert (again.width, again.height, again.layout, again.depth, again.offset) == (3, 2, "BGRA", depth, pixels.offset)
    assert [path.name for path in tmp_path.iterdir()] == ["layer"]


def test_a_missing_picture_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DaemonError, match="is gone"):
        read_pixels(tmp_path / "none")


def test_a_failed_write_raises_spool_failed(tmp_path: Path) -> None:
    with pytest.raises(DaemonError) as caught:
        write_pixels(PixelBuffer(1, 1, "RGB", "u8", b"abc"), tmp_path / "no such folder" / "layer")
    assert caught.value.code == "spool-failed"


def test_a_damaged_picture_raises_spool_missing(tmp_path: Path) -> None:
    valid = b'{"width": 2, "height": 1, "layout": "GRAY", "depth": "u8", "offset": [0, 0]}'
    damages = [
        *(b"", b"{", b'{"width": 1}', b"[]".ljust(600), b"\xff" * 600),
        valid.replace(b": 1", b": 999999999999").replace(b": 2", b': "ab"').ljust(514),  # a string times a huge number
        valid.replace(b": 2", b": 2.0").ljust(514),
        valid.replace(b": 1", b": true").ljust(514),
        valid.replace(b"[0, 0]", b"[0]").ljust(514),
        valid.replace(b"[0, 0]", b"[0, 0.5]").ljust(514),
        valid.replace(b"[0, 0]", b"[0, Infinity]").ljust(514),
        b"[" * 514,
    ]
    assert read_pixels(_written(tmp_path / "valid", valid.ljust(514))).nbytes == 2
    for number, damage in enumerate(damages):
        path = tmp_path / str(number)
        path.write_bytes(damage)
        with pytest.raises(DaemonError) as caught:
            read_pixels(path)
        assert caught.value.code == "spool-missing"


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_remove_inputs_keeps_result_and_painting(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    for name in ("layer", "style-0", "start", "result", "painting"):
        (spool.folder("a") / name).write_bytes(b"x")
    spool.remove_inputs("a")
    assert sorted(path.name for path in spool.folder("a").iterdir()) == ["painting", "result"]
    assert spool.result_path("a").exists()


@pytest.mark.parametrize("has_links", [True, False])
def test_a_linked_painting_outlives_its_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool) -> None:
    if not has_links:
        monkeypatch.setattr("os.link", _without_links)
    spool = Spool(tmp_path / "spool")
    (spool.folder("a") / "result").write_bytes(b"what the owner got")
    (spool.folder("a") / "painting").write_bytes(b"what was painted")
    spool.link_painting("a", spool.folder("b") / "start")
    spool.remove("a")
    assert (spool.folder("b") / "start").read_bytes() == b"what was painted"


def test_link_painting_uses_the_result_of_a_job_without_a_painting(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    (spool.folder("a") / "result").write_bytes(b"the layer")
    spool.link_painting("a", spool.folder("b") / "start")
    assert (spool.folder("b") / "start").read_bytes() == b"the layer"


def test_linking_a_missing_painting_raises_spool_missing(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    with pytest.raises(DaemonError) as caught:
        spool.link_painting("never was", spool.folder("b") / "start")
    assert caught.value.code == "spool-missing"


def _without_links(*_: object) -> None:
    raise PermissionError("this file system has no hard links")


def test_folders_are_created_listed_and_removed(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.folder("a")
    spool.folder("b")
    spool.remove("a")
    spool.remove("never was")
    assert list(spool.jobs()) == ["b"]
