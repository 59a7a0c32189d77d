"""Conversion of Pillow images to buffers and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gramarye_protocol.pixels import PixelBuffer

from ..errors import InputError
from ..pixels.icc_profile import convert_to_srgb, matching_profile

_LAYOUT_OF_MODE = {"L": "GRAY", "LA": "GRAYA", "RGB": "RGB", "RGBA": "RGBA"}
_MODE_WITH_ALPHA = {"1": "LA", "L": "LA", "RGB": "RGBA", "P": "RGBA"}


def from_image(image: Image.Image, profile: bytes = b"") -> PixelBuffer:
    """Return a Pillow image as a buffer; ``profile`` is its ICC profile.

    Modes I (0..65535) and I;16 become GRAY u16, mode F (0..1) becomes GRAY f32, all others 8 bits. CMYK and LAB become
    sRGB. A profile that does not match the pixels is dropped. Errors: ``picture-depth``.
    """
    return image_to_buffer(*to_supported_mode(image, profile))


def to_image(pixels: PixelBuffer) -> Image.Image:
    """Return a buffer as a Pillow image. Errors: ``picture-depth`` if Pillow has no mode for it."""
    if pixels.depth != "u8" and (pixels.layout, pixels.depth) not in (("GRAY", "u16"), ("GRAY", "f32")):
        raise InputError(
            "picture-depth",
            f"Pillow has no image mode for {pixels.layout} pixels of depth {pixels.depth}.",
            "Use the array, write the picture to a file, or reduce it to 8 bits per channel.",
        )
    size = (pixels.width, pixels.height)
    if pixels.depth == "u16":
        return Image.frombytes("I;16", size, bytes(pixels.data))
    if pixels.depth == "f32":
        return Image.frombytes("F", size, bytes(pixels.data), "raw", "F;32F")
    mode = {"GRAY": "L", "GRAYA": "LA", "RGB": "RGB", "RGBA": "RGBA", "BGRA": "RGBA"}[pixels.layout]
    raw = {"GRAY": "L", "GRAYA": "LA", "RGB": "RGB", "RGBA": "RGBA", "BGRA": "BGRA"}[pixels.layout]
    return Image.frombytes(mode, size, bytes(pixels.data), "raw", raw)


def to_supported_mode(image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes]:
    """Return the image in a mode that a buffer can hold, and its profile if that matches."""
    if image.mode in ("CMYK", "LAB"):
        return convert_to_srgb(image, profile)
    image = _convert_mode(image)
    return image, matching_profile(profile, image.mode)


def _convert_mode(image: Image.Image) -> Image.Image:
    """Convert palette, bitmap and similar modes to grey or RGB, with alpha if the image has transparency."""
    if "transparency" in image.info and image.mode in _MODE_WITH_ALPHA:
        return image.convert(_MODE_WITH_ALPHA[image.mode])
    if image.mode in _LAYOUT_OF_MODE:
        return image
    if image.mode == "F":
        check_range(np.asarray(image), 1, "0 to 1")
        return image
    if image.mode == "I":
        check_range(np.asarray(image), 65535, "0 to 65535")
    if image.mode == "I" or image.mode.startswith("I;16"):
        return image.convert("I;16")
    if image.mode == "La":
        return image.convert("LA")
    if image.mode in ("PA", "RGBa"):
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def check_range(values: NDArray[Any], most: int, value_range: str) -> None:
    """Check that all values are in 0..``most``; NaN is not. Errors: ``picture-depth``."""
    if not ((values >= 0) & (values <= most)).all():
        kind = "floats" if values.dtype.kind == "f" else "32-bit integers"
        raise InputError(
            "picture-depth",
            f"The picture holds {kind} outside {value_range}.",
            f"Scale its values to {value_range} in an editor, or save it with 8 or 16 bits per channel.",
        )


def image_to_buffer(image: Image.Image, profile: bytes) -> PixelBuffer:
    """Return an image from `to_supported_mode` as a buffer."""
    if image.mode == "I;16":
        return PixelBuffer(image.width, image.height, "GRAY", "u16", image.tobytes(), profile)
    if image.mode == "F":
        values = np.clip(np.asarray(image), 0, 1).astype("<f4")  # resizing overshoots at edges
        return PixelBuffer(image.width, image.height, "GRAY", "f32", values.tobytes(), profile)
    return PixelBuffer(image.width, image.height, _LAYOUT_OF_MODE[image.mode], "u8", image.tobytes(), profile)
