"""Files that stay whole, or not there, when the machine itself goes down."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ...files.atomic_write import atomic_write


@contextmanager
def durable_write(path: Path) -> Iterator[BinaryIO]:
    """A `atomic_write` of the daemon's own, and its name, seen onto the disk. Errors: OSError."""
    with atomic_write(path, single_writer=True) as file:
        yield file
    fsync_folder(path.parent)


def fsync_folder(path: Path) -> None:
    """See the names in a folder onto the disk; nothing where the system has no such thing. Errors: OSError."""
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def fsync_with_parents(path: Path) -> None:
    """See a folder onto the disk with its own name, and the names of all that it lies in: whoever made them did not.

    Errors: OSError, but not for a folder above it: not every one may be read, and not every file system can do it.
    """
    fsync_folder(path)
    for folder in path.absolute().parents:
        with suppress(OSError):
            fsync_folder(folder)
