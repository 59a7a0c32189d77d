"""What is seen onto the disk with its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from gramarye.daemon.store import durable
from gramarye.daemon.store.durable import durable_write, fsync_with_parents


def test_a_replaced_file_is_there_before_its_folder_is_seen_onto_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    seen: list[tuple[Path, bytes]] = []
    monkeypatch.setattr(durable, "fsync_folder", lambda folder: seen.append((folder, path.read_bytes())))
    with durable_write(path) as file:
        file.write(b"new")
    assert seen == [(tmp_path, b"new")]


def test_a_folder_is_seen_onto_the_disk_with_all_that_it_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    closed = tmp_path.parent

    def watched(path: Path) -> None:
        seen.append(path)
        if path == closed:
            raise OSError(22, "Invalid argument")

    monkeypatch.setattr(durable, "fsync_folder", watched)
    fsync_with_parents(tmp_path)
    assert seen == [tmp_path, *tmp_path.parents]
    monkeypatch.setattr(durable, "fsync_folder", lambda path: (_ for _ in ()).throw(PermissionError(path)))
    with pytest.raises(PermissionError):
        fsync_with_parents(tmp_path)
