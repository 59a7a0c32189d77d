"""Checksums of weights files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..errors import WeightsError


@dataclass(frozen=True)
class Digests:
    """Checksums of a file, lower-case hexadecimal."""

    md5: str
    sha256: str


def compute_digests(path: Path) -> Digests:
    """Return the MD5 and SHA-256 of a file. Errors: ``weights-unreadable``."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                md5.update(chunk)
                sha256.update(chunk)
    except OSError as error:
        raise unreadable(path, error.strerror or "unknown reason") from error
    return Digests(md5.hexdigest(), sha256.hexdigest())


def unreadable(path: Path, why: str) -> WeightsError:
    """Return the error for a file that cannot be read, with the reason."""
    return WeightsError("weights-unreadable", f"{path} cannot be read: {why}.", "Check the path and its permissions.")
