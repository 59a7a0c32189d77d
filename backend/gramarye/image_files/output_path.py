"""Checks of an output path, made before a painting starts."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from gramarye_protocol.pixels import PixelBuffer

from ..errors import InputError

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP"}
"""File extension -> Pillow's name of the format."""

_MAX_SIDE = {"JPEG": 65500, "WEBP": 16383}
"""Longest side in pixels: libjpeg's JPEG_MAX_DIMENSION (the format allows 65535), libwebp's WEBP_MAX_DIMENSION."""


def check_writable(path: str | os.PathLike[str], pixels: PixelBuffer | None = None) -> None:
    """Check that the result can be written to ``path``.

    ``pixels`` is a picture of the result's size, if known. Errors: ``output-format``, ``output-folder``,
    ``output-size``.
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
            f"{kind} allows at most {most} pixels per side.",
            "Write it as PNG or TIFF (.png, .tif).",
        )


def format_of(path: str | os.PathLike[str]) -> str:
    """Return Pillow's name of the format, chosen by the file extension. Errors: ``output-format``."""
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            "output-format",
            f"{Path(path).name} does not have the extension of a picture format that can be written.",
            "Use one of " + ", ".join(FORMATS),
        )
    return FORMATS[suffix]


def resolve_output(path: str | os.PathLike[str]) -> Path:
    """Return the file to write, with symbolic links resolved. Errors: ``output-format``, ``output-folder``."""
    format_of(path)
    try:
        target = Path(path).resolve()
        with contextlib.suppress(FileNotFoundError):
            target.stat()
        writable = target.parent.is_dir() and os.access(target.parent, os.W_OK) and not target.is_dir()
    except (OSError, ValueError, RuntimeError):  # name too long, NUL in the name, loop of symbolic links
        writable = False
    if not writable:
        raise InputError(
            "output-folder", f"{path} cannot be written.", "Name a file in an existing folder in which you may write."
        )
    return target
