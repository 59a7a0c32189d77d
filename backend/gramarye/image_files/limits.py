"""Limits on the size of picture files and of their decoded pictures, which bound the memory that a file can take."""

from __future__ import annotations

import stat
from pathlib import Path

from PIL import Image

from ..errors import InputError

MAX_FILE_BYTES = 1 << 31
"""Largest file in bytes. 89 megapixels of RGBA floats take 1.4 GB."""

_MAX_CHANNELS = 5
"""Channels per pixel: CMYK and alpha."""


def max_pixels() -> int:
    """Return Pillow's limit on pixels, which is also applied to files that Pillow does not read."""
    return Image.MAX_IMAGE_PIXELS or 1 << 62


def max_samples() -> int:
    """Return the limit on pixels times channels."""
    return max_pixels() * _MAX_CHANNELS


def check_file(path: Path) -> None:
    """Check the size and type of a file. Folders pass: the reader reports them.

    Errors: ``picture-too-large``, ``picture-unreadable`` (a pipe or device, which may never end), OSError.
    """
    status = path.stat()
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise InputError("picture-unreadable", f"{path.name} is not a regular file.", "Save it as a file first.")
    if status.st_size > MAX_FILE_BYTES:
        raise InputError(
            "picture-too-large",
            f"{path.name} is larger than {MAX_FILE_BYTES >> 30} GiB.",
            "Reduce it in an editor first.",
        )


def too_large(name: str) -> InputError:
    """Return the error for a picture with too many pixels."""
    return InputError(
        "picture-too-large", f"{name} unpacks to more than {max_pixels()} pixels.", "Reduce it in an editor first."
    )
