"""A temporary file for readers that need a path; a process reuses it for every case."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


def write_temporary_file(data: bytes, name: str = "case") -> Path:
    """Write ``data`` to a file readable by its owner alone; return its path."""
    path = _folder() / name
    path.unlink(missing_ok=True)  # a mapped file must not change under its reader
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gramarye-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
