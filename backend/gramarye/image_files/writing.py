"""Writes a buffer to a picture file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO

from gramarye_protocol.pixels import PixelBuffer

from ..errors import InputError
from ..files.atomic_write import atomic_write
from ..pixels.icc_profile import convert_to_srgb, matching_profile
from . import deep_png, deep_tiff
from .downscale import flatten_on_white, to_eight_bits
from .output_path import check_writable, format_of, resolve_output
from .pillow_modes import to_image

Write = Callable[[IO[bytes]], None]

_SAVE_OPTIONS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95},
    "TIFF": {"compression": "tiff_lzw"},
}


def write_picture(pixels: PixelBuffer, path: str | os.PathLike[str]) -> None:
    """Write a picture atomically, in the format of the file extension, with the buffer's ICC profile.

    If ``path`` is a symbolic link, its target is replaced. TIFF keeps every depth; PNG keeps up to 16 bits, and floats
    are rounded to that; for JPEG and WebP the picture is dithered to 8 bits. JPEG has no alpha: the picture is
    composited on white. WebP has no grey: it is converted to RGB. Errors: those of `check_writable`, ``output-failed``.
    """
    check_writable(path, pixels)
    target = resolve_output(path)
    try:
        write = _writer(format_of(path), pixels)
        with atomic_write(target) as file:
            write(file)
    except (OSError, ValueError) as error:
        raise InputError(
            "output-failed",
            f"{target} could not be written: {error}.",
            "The result is kept: `gramarye jobs` lists it, `gramarye fetch JOB -o FILE` writes it elsewhere.",
        ) from None


def _writer(kind: str, pixels: PixelBuffer) -> Write:
    if pixels.depth != "u8" and kind == "PNG":
        return lambda file: deep_png.write(pixels, file)
    if pixels.depth != "u8" and kind == "TIFF":
        return lambda file: deep_tiff.write(pixels, file)
    image = to_image(to_eight_bits(flatten_on_white(pixels) if kind == "JPEG" else pixels))
    profile = matching_profile(bytes(pixels.profile), image.mode)
    if kind == "WEBP" and image.mode in ("L", "LA"):
        image, profile = convert_to_srgb(image, profile)
    options = dict(_SAVE_OPTIONS.get(kind, {}))
    if profile:
        options["icc_profile"] = profile
    return lambda file: image.save(file, format=kind, **options)
