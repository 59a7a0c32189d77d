"""Files and folder entries that survive a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ...files.atomic_write import atomic_write


@contextmanager
def durable_write(path: Path) -> Iterator[BinaryIO]:
    """`atomic_write` by a single writer, which also fsyncs the folder entry. Errors: OSError."""
    with atomic_write(path, single_writer=True) as file:
        yield file
    fsync_folder(path.parent)


def fsync_folder(path: Path) -> None:
    """fsync a folder's entries; does nothing on Windows, which cannot. Errors: OSError."""
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def fsync_with_parents(path: Path) -> None:
    """fsync a folder and its parents, so that their entries survive a power cut.

    Errors: OSError for the folder itself. Errors of its parents are ignored: a parent may be unreadable, or its file
    system may not support it.
    """
    fsync_folder(path)
    for folder in path.absolute().parents:
        with suppress(OSError):
            fsync_folder(folder)
