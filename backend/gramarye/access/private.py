"""Folders and files that only their owner can use."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from ..errors import DaemonError
from ..files.atomic_write import atomic_write

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private_folder(folder: Path) -> None:
    """Create ``folder`` with mode 0700, or check that an existing one is private.

    On Windows there is no check: folders inherit the access list of the user's profile.
    Errors: ``folder-unsafe`` (it has another owner, or others have access), OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    problem = privacy_problem(folder.stat())
    if problem:
        raise DaemonError(
            "folder-unsafe",
            f"The folder {folder} {problem}, so its files are not secret.",
            f"If it is yours: chmod 700 '{folder}'. If not, choose another folder (docs/security.md).",
        )


def privacy_problem(status: os.stat_result) -> str:
    """Return why a file or folder is not private, as the end of a sentence; an empty string if it is private."""
    if sys.platform == "win32":
        return ""
    if status.st_uid != os.getuid():
        return "belongs to somebody else"
    return "is open to others" if stat.S_IMODE(status.st_mode) & _OTHERS else ""


def write_private(path: Path, text: str, replace: bool = True) -> None:
    """Write a file of mode 0600 atomically. Errors: FileExistsError if it exists and ``replace`` is False, OSError."""
    with atomic_write(path, mode=0o600) as file:
        file.write(text.encode())
        if not replace and path.exists():
            raise FileExistsError(path)


def read_private(path: Path) -> str:
    """Return the text of a private file. Errors: ``connection-unsafe``, OSError, UnicodeDecodeError."""
    with open(path, encoding="utf-8") as file:
        problem = privacy_problem(os.fstat(file.fileno()))
        if problem:
            raise DaemonError(
                "connection-unsafe",
                f"The file {path} {problem}, so the key in it is not secret.",
                f"If nobody else has read it: chmod 600 '{path}'. If somebody may have, make a new key.",
            )
        return file.read()
