"""Folders and files that only their owner may use."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from ..errors import DaemonError
from ..files.atomic_write import atomic_write

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` with mode 0700; one that is there already must be so.

    On Windows the access list that a folder inherits from the user's profile stands for the mode.
    Errors: ``folder-unsafe`` (another owner, or others may use it), OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = privacy_problem(folder.stat())
    if found:
        raise DaemonError(
            "folder-unsafe",
            f"The folder {folder} {found}, so what it holds is not secret.",
            f"If it is yours: chmod 700 '{folder}'. If not, name another folder: docs/security.md tells how.",
        )


def privacy_problem(status: os.stat_result) -> str:
    """Why a file or folder is not private, as the end of a sentence; empty where it is."""
    if sys.platform == "win32":
        return ""
    if status.st_uid != os.getuid():
        return "belongs to somebody else"
    return "is open to others" if stat.S_IMODE(status.st_mode) & _OTHERS else ""


def write_private(path: Path, text: str, replace: bool = True) -> None:
    """Write a file of mode 0600, whole or not at all. FileExistsError where it is there and may not be replaced."""
    with atomic_write(path, mode=0o600) as file:
        file.write(text.encode())
        if not replace and path.exists():
            raise FileExistsError(path)


def read_private(path: Path) -> str:
    """The text of a file that only its owner may read. Errors: ``connection-unsafe``, OSError, UnicodeDecodeError."""
    with open(path, encoding="utf-8") as file:
        found = privacy_problem(os.fstat(file.fileno()))
        if found:
            raise DaemonError(
                "connection-unsafe",
                f"The file {path} {found}, so the key in it is not secret.",
                f"If nobody else has read it: chmod 600 '{path}'. If somebody may have, make another key.",
            )
        return file.read()
