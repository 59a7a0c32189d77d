"""Files that are whole or not there, whatever ends the process or the machine meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of ``path`` once all of it is on the disk; of a failure nothing is left.

    Errors: OSError.
    """
    temporary = path.with_name(f"{path.name}.part")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


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
