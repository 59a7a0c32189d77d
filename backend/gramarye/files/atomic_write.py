"""Atomic file writes: a file is complete or absent, even if the process is killed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

PART_SUFFIX = ".part"
"""Suffix of files that are not complete yet."""


@contextmanager
def atomic_write(path: Path, mode: int = 0o666, single_writer: bool = False) -> Iterator[BinaryIO]:
    """Open a temporary file beside ``path`` for writing; it replaces ``path`` after it was fsynced.

    If the block raises, the temporary file is deleted. A killed process leaves it behind, hidden. With
    ``single_writer`` (at most one writer at a time) its name is fixed, so the next write overwrites it. ``mode`` is the
    file's mode before the umask. Errors: OSError.
    """
    part = path.with_name(f".{path.name if single_writer else 'gramarye-' + secrets.token_hex(8)}{PART_SUFFIX}")
    try:
        with open(part, "wb" if single_writer else "xb", opener=partial(os.open, mode=mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:  # includes KeyboardInterrupt
        with suppress(OSError):
            part.unlink()
        raise
