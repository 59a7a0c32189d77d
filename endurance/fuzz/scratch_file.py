"""A file for readers that want a path; one process writes it again and again."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


def write_temporary_file(data: bytes, name: str = "case") -> Path:
    """The path of a file that holds ``data``, readable by its owner alone."""
    path = _folder() / name
    path.unlink(missing_ok=True)  # what is still mapped must not change under its reader
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gramarye-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
