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


class Unsynced:
    """Of one process, under one folder. ``attic`` is a folder on the same disk for what was replaced."""

    def __init__(self, attic: str) -> None:
        self._attic = attic
        self._data: dict[tuple[int, int], str] = {}
        """Paths of files with data that are not on the disk, by device and inode."""
        self._names: list[tuple[str, Callable[[], None]]] = []
        """Folders whose names have changed since they were synced, and what takes the change back."""
        self._lock = threading.RLock()

    def opened(self, path: str) -> None:
        """A file was opened to be written anew; before that, `will_name` told of it."""
        with self._lock:
            self._data[_identity(path)] = path

    def will_name(self, path: str) -> Callable[[], None]:
        """A file is about to appear under a name, or to take it over; to be called once it has."""
        kept = ""
        with self._lock, suppress(FileNotFoundError):
            os.makedirs(self._attic, exist_ok=True)
            kept = os.path.join(self._attic, str(len(os.listdir(self._attic))))
            _link(path, kept)

        def named() -> None:
            with self._lock:
                back = (lambda: _replace(kept, path)) if os.path.exists(kept) else (lambda: _unlink(path))
                self._names.append((os.path.dirname(path), back))
                if _identity(path) in self._data:
                    self._data[_identity(path)] = path

        return named

    def made(self, folder: str) -> None:
        """A folder was made."""
        with self._lock:
            self._names.append((os.path.dirname(folder), lambda: shutil.rmtree(folder)))

    def synced(self, place: str) -> None:
        """A file, or a folder, was seen onto the disk."""
        with self._lock:
            self._data.pop(_identity(place), None)
            self._names = [(folder, back) for folder, back in self._names if folder != place]

    def lose(self) -> None:
        """All that is not on the disk."""
        with self._lock:
            for path in self._data.values():
                with suppress(OSError):
                    os.truncate(path, 0)
            for _, back in reversed(self._names):
                with suppress(OSError):
                    back()


def _identity(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino
