"""Durable writes: files and folder entries that survive a power cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from gramarye.daemon.store import durable
from gramarye.daemon.store.durable import durable_write, fsync_with_parents


def test_durable_write_replaces_the_file_before_it_fsyncs_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    seen: list[tuple[Path, bytes]] = []
    monkeypatch.setattr(durable, "fsync_folder", lambda folder: seen.append((folder, path.read_bytes())))
    with durable_write(path) as file:
        file.write(b"new")
    assert seen == [(tmp_path, b"new")]


def test_fsync_with_parents_ignores_only_the_errors_of_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []
    failing = tmp_path.parent

    def recorded(path: Path) -> None:
        seen.append(path)
        if path == failing:
            raise OSError(22, "Invalid argument")

    monkeypatch.setattr(durable, "fsync_folder", recorded)
    fsync_with_parents(tmp_path)
    assert seen == [tmp_path, *tmp_path.parents]
    monkeypatch.setattr(durable, "fsync_folder", lambda path: (_ for _ in ()).throw(PermissionError(path)))
    with pytest.raises(PermissionError):
        fsync_with_parents(tmp_path)
