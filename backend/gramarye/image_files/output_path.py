"""Where a picture can be written, asked before hours of work."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from gramarye_protocol.pixels import PixelBuffer

from ..errors import InputError

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP"}
"""What can be written, by the file's ending."""

_MAX_SIDE = {"JPEG": 65500, "WEBP": 16383}
"""libjpeg's JPEG_MAX_DIMENSION (below the 65535 of the format), libwebp's WEBP_MAX_DIMENSION."""


def check_writable(path: str | os.PathLike[str], pixels: PixelBuffer | None = None) -> None:
    """Refuse a place where the result could not be written.

    ``pixels`` is a picture of the result's size, where that is known already. Errors: ``output-format``,
    ``output-folder``, ``output-size``.
    """
    resolve_output(path)
    if pixels is None:
        return
    kind = format_of(path)
    most = _MAX_SIDE.get(kind, 0)
    if most and max(pixels.width, pixels.height) > most:
        raise InputError(
            "output-size",
            f"{Path(path).name} cannot hold {pixels.width} x {pixels.height} pixels: "
            f"a {kind} picture ends at {most} a side.",
            "Write it as PNG or TIFF (.png, .tif).",
        )


def format_of(path: str | os.PathLike[str]) -> str:
    """Pillow's name of the format, by the file's ending. InputError ``output-format``."""
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            "output-format",
            f"{Path(path).name} has no picture ending that can be written.",
            "Use one of " + ", ".join(FORMATS),
        )
    return FORMATS[suffix]


def resolve_output(path: str | os.PathLike[str]) -> Path:
    """The file to write, links followed. Errors: ``output-format``, ``output-folder``."""
    format_of(path)
    try:
        target = Path(path).resolve()
        with contextlib.suppress(FileNotFoundError):
            target.stat()
        writable = target.parent.is_dir() and os.access(target.parent, os.W_OK) and not target.is_dir()
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL in it, a loop of links
        writable = False
    if not writable:
        raise InputError(
            "output-folder", f"{path} cannot be written.", "Name a file in a folder that exists and is yours."
        )
    return target
