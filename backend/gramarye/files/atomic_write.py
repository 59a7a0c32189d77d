"""Files that are whole or not there, whatever ends the process meanwhile."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

PART = ".part"
"""How the name of what is not whole yet ends."""


@contextmanager
def whole_file(path: Path, mode: int = 0o666, alone: bool = False) -> Iterator[BinaryIO]:
    """A file to write beside ``path``, whose place it takes when all of it is on the disk; of a failure nothing stays.

    Of a process that is killed a part does, hidden, which the next one overwrites where only one writes at a time:
    ``alone``. ``mode`` is less the umask. Errors: OSError.
    """
    part = path.with_name(f".{path.name if alone else 'gramarye-' + secrets.token_hex(8)}{PART}")
    try:
        with open(part, "wb" if alone else "xb", opener=partial(os.open, mode=mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:  # KeyboardInterrupt as well
        with suppress(OSError):
            part.unlink()
        raise
