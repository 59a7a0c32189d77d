"""Files that are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from gramarye.daemon import durable
from gramarye.daemon.durable import replacing, settle


def test_the_new_takes_the_place_of_the_old_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_of_a_failure_the_old_stays_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), replacing(path) as file:
        file.write("no bytes")  # type: ignore[call-overload]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_seen_onto_the_disk_with_all_that_it_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    closed = tmp_path.parent

    def watched(path: Path) -> None:
        seen.append(path)
        if path == closed:
            raise OSError(22, "Invalid argument")

    monkeypatch.setattr(durable, "sync_folder", watched)
    settle(tmp_path)
    assert seen == [tmp_path, *tmp_path.parents]
    monkeypatch.setattr(durable, "sync_folder", lambda path: (_ for _ in ()).throw(PermissionError(path)))
    with pytest.raises(PermissionError):
        settle(tmp_path)
