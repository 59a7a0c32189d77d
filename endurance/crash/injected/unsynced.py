"""Simulates a power cut: discards data and directory entries that were not flushed to the disk (fsync(2)).

It assumes the worst case: all unsynced data are lost, and so is every file or folder name that was added or replaced
without a later sync of its parent folder. Deletions are not undone. The ledger's files are left alone, because SQLite
syncs them itself.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress

_link, _replace, _unlink = os.link, os.replace, os.unlink


class UnsyncedChanges:
    """Records the unsynced changes of one process under one folder.

    Replaced files are kept in ``backup_folder``, which must be on the same file system.
    """

    def __init__(self, backup_folder: str) -> None:
        self._backup_folder = backup_folder
        self._unsynced_files: dict[tuple[int, int], str] = {}
        """Paths of files with unsynced data, by device and inode."""
        self._unsynced_names: list[tuple[str, Callable[[], None]]] = []
        """Changed directory entries: the folder, not synced since, and a function that undoes the change."""
        self._lock = threading.RLock()

    def opened(self, path: str) -> None:
        """Record that a file was opened for writing. Call `before_rename` before opening it."""
        with self._lock:
            self._unsynced_files[_identity(path)] = path

    def before_rename(self, path: str) -> Callable[[], None]:
        """Prepare for a file to be created at or renamed to ``path``; call the returned function afterwards."""
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
        """Record that a folder was created."""
        with self._lock:
            self._unsynced_names.append((os.path.dirname(folder), lambda: shutil.rmtree(folder)))

    def mark_synced(self, path: str) -> None:
        """Record that a file or a folder was synced."""
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
