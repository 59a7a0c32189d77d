"""Files that are whole or not there, whatever ends the process meanwhile."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

PART_SUFFIX = ".part"
"""How the name of what is not whole yet ends."""


@contextmanager
def atomic_write(path: Path, mode: int = 0o666, single_writer: bool = False) -> Iterator[BinaryIO]:
    """A file to write beside ``path``, whose place it takes when all of it is on the disk; of a failure nothing stays.

    Of a process that is killed a part does, hidden, which the next one overwrites where only one writes at a time:
    ``single_writer``. ``mode`` is less the umask. Errors: OSError.
    """
    part = path.with_name(f".{path.name if single_writer else 'gramarye-' + secrets.token_hex(8)}{PART_SUFFIX}")
    try:
        with open(part, "wb" if single_writer else "xb", opener=partial(os.open, mode=mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:  # KeyboardInterrupt as well
        with suppress(OSError):
            part.unlink()
        raise
