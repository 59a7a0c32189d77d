"""What a power cut discards: data and directory entries that were not flushed to the disk (fsync(2)).

The worst case is assumed: data that were not synced are gone, and so is every change of a name in a folder that was not
synced afterwards. SQLite syncs the ledger's files itself, so they are left alone; so are deletions.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress

_link, _replace, _unlink = os.link, os.replace, os.unlink


class UnsyncedChanges:
    """Unsynced changes of one process under one folder; ``backup_folder``, on the same disk, keeps replaced files."""

    def __init__(self, backup_folder: str) -> None:
        self._backup_folder = backup_folder
        self._unsynced_files: dict[tuple[int, int], str] = {}
        """Paths of files with unsynced data, by device and inode."""
        self._unsynced_names: list[tuple[str, Callable[[], None]]] = []
        """Folders whose entries have changed since they were synced, and a function that undoes the change."""
        self._lock = threading.RLock()

    def opened(self, path: str) -> None:
        """A file was opened for writing; `before_rename` was called before."""
        with self._lock:
            self._unsynced_files[_identity(path)] = path

    def before_rename(self, path: str) -> Callable[[], None]:
        """A file is about to be created or renamed to this path; call the returned function afterwards."""
        kept = ""
        with self._lock, suppress(FileNotFoundError):
            os.makedirs(self._backup_folder, exist_ok=True)
            kept = os.path.join(self._backup_folder, str(len(os.listdir(self._backup_folder))))
            _link(path, kept)

        def on_renamed() -> None:
            with self._lock:
                undo = (lambda: _replace(kept, path)) if os.path.exists(kept) else (lambda: _unlink(path))
                self._unsynced_names.append((os.path.dirname(path), undo))
                if _identity(path) in self._unsynced_files:
                    self._unsynced_files[_identity(path)] = path

        return on_renamed

    def folder_created(self, folder: str) -> None:
        """A folder was created."""
        with self._lock:
            self._unsynced_names.append((os.path.dirname(folder), lambda: shutil.rmtree(folder)))

    def mark_synced(self, path: str) -> None:
        """A file or a folder was synced."""
        with self._lock:
            self._unsynced_files.pop(_identity(path), None)
            self._unsynced_names = [(folder, undo) for folder, undo in self._unsynced_names if folder != path]

    def discard(self) -> None:
        """Discard everything that was not synced."""
        with self._lock:
            for path in self._unsynced_files.values():
                with suppress(OSError):
                    os.truncate(path, 0)
            for _, undo in reversed(self._unsynced_names):
                with suppress(OSError):
                    undo()


def _identity(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino
