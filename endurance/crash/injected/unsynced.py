"""What a power cut takes from a process: data and names that it has not seen onto the disk (fsync(2)).

The worst is assumed: data not synced are gone, and so is every change of a name in a folder that was not synced
after it. The ledger's own files are SQLite's, which syncs them itself, and are left as they are; so are deletions.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress

_link, _replace, _unlink = os.link, os.replace, os.unlink


class UnsyncedChanges:
    """Of one process, under one folder. ``backup_folder`` is a folder on the same disk for what was replaced."""

    def __init__(self, backup_folder: str) -> None:
        self._backup_folder = backup_folder
        self._unsynced_files: dict[tuple[int, int], str] = {}
        """Paths of files with data that are not on the disk, by device and inode."""
        self._unsynced_names: list[tuple[str, Callable[[], None]]] = []
        """Folders whose names have changed since they were synced, and what takes the change back."""
        self._lock = threading.RLock()

    def opened(self, path: str) -> None:
        """A file was opened to be written anew; before that, `before_rename` told of it."""
        with self._lock:
            self._unsynced_files[_identity(path)] = path

    def before_rename(self, path: str) -> Callable[[], None]:
        """A file is about to appear under a name, or to take it over; to be called once it has."""
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
        """A folder was made."""
        with self._lock:
            self._unsynced_names.append((os.path.dirname(folder), lambda: shutil.rmtree(folder)))

    def mark_synced(self, path: str) -> None:
        """A file, or a folder, was seen onto the disk."""
        with self._lock:
            self._unsynced_files.pop(_identity(path), None)
            self._unsynced_names = [(folder, undo) for folder, undo in self._unsynced_names if folder != path]

    def discard(self) -> None:
        """All that is not on the disk."""
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
