"""How much a picture file may unpack to, so that no file takes the memory of the machine."""

from __future__ import annotations

import stat
from pathlib import Path

from PIL import Image

from ..errors import InputError

MAX_FILE_BYTES = 1 << 31
"""Of a file: 89 megapixels of RGBA floats take 1.4 GB."""

_MAX_CHANNELS = 5
"""Of a pixel: CMYK and alpha."""


def max_pixels() -> int:
    """Pillow's own bound, which holds for what Pillow does not read as well."""
    return Image.MAX_IMAGE_PIXELS or 1 << 62


def max_samples() -> int:
    """Pixels times channels."""
    return max_pixels() * _MAX_CHANNELS


def check_file(path: Path) -> None:
    """Errors: ``picture-too-large``, ``picture-unreadable`` (a pipe or device, which may never end), OSError."""
    status = path.stat()
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # of a folder the reader says so
        raise InputError("picture-unreadable", f"{path.name} is no regular file.", "Save it as a file first.")
    if status.st_size > MAX_FILE_BYTES:
        raise InputError(
            "picture-too-large",
            f"{path.name} takes more than {MAX_FILE_BYTES >> 30} GiB.",
            "Reduce it in an editor first.",
        )


def too_large(name: str) -> InputError:
    """The error of a picture of too many pixels."""
    return InputError(
        "picture-too-large", f"{name} unpacks to more than {max_pixels()} pixels.", "Reduce it in an editor first."
    )
