"""Files that stay whole, or not there, when the machine itself goes down."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ...files.atomic_write import whole_file


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A `whole_file` of the daemon's own, and its name, seen onto the disk. Errors: OSError."""
    with whole_file(path, alone=True) as file:
        yield file
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """See the names in a folder onto the disk; nothing where the system has no such thing. Errors: OSError."""
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def settle(path: Path) -> None:
    """See a folder onto the disk with its own name, and the names of all that it lies in: whoever made them did not.

    Errors: OSError, but not for a folder above it: not every one may be read, and not every file system can do it.
    """
    sync_folder(path)
    for folder in path.absolute().parents:
        with suppress(OSError):
            sync_folder(folder)
