"""Masks that come with a layer: one byte a pixel, white where something counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from gramarye_protocol.pixels import PixelBuffer

from ..errors import InputError
from .layer import Coverage, alpha_coverage, to_picture

_HINT = "Send one byte a pixel, of the layer's size."


def check_mask(pixels: PixelBuffer, mask: PixelBuffer) -> None:
    """Of the whole painting, whose alpha it becomes. InputError ``mask-unfit``."""
    check_region(pixels, mask)
    if not pixels.layout.endswith("A"):
        raise _mask_error(f"came for a layer without alpha, {pixels.layout}", "Send a layer with alpha.")


def check_region(pixels: PixelBuffer, mask: PixelBuffer) -> None:
    """Of one style. InputError ``mask-unfit``."""
    if (mask.width, mask.height) != (pixels.width, pixels.height):
        raise _mask_error(f"is {_size(mask)} pixels, the layer {_size(pixels)}", _HINT)
    _check_format(mask)


def check_part(picture: PixelBuffer | None, part: PixelBuffer) -> None:
    """Of a style's picture, None for one that is known by name. InputError ``mask-unfit``."""
    _check_format(part)
    if picture is not None and not has_same_proportions(part, picture.width, picture.height):
        raise _mask_error(
            f"is {_size(part)} pixels, the style's picture {_size(picture)}", "Draw it over that picture."
        )


def has_same_proportions(mask: PixelBuffer, width: int, height: int) -> bool:
    """Whether a mask has the proportions of a picture, but for the rounding of either's sides."""
    return abs(mask.width * height - mask.height * width) <= max(mask.width + mask.height, width + height)


def mask_to_coverage(mask: PixelBuffer) -> Coverage:
    """(H, W) float32 in 0..1."""
    values: npt.NDArray[np.uint8] = np.frombuffer(mask.data, np.uint8).reshape(mask.height, mask.width)
    return values.astype(np.float32) / np.float32(255.0)


def mask_from_picture(pixels: PixelBuffer) -> PixelBuffer:
    """GRAY u8 of any picture: its alpha, or its grey where that is full everywhere."""
    seen = alpha_coverage(pixels)
    values = to_picture(pixels).mean(axis=2) if seen is None or seen.min() == 1.0 else seen
    stored = np.rint(values * np.float32(255.0)).astype(np.uint8)
    return PixelBuffer(pixels.width, pixels.height, "GRAY", "u8", stored.tobytes())


def resize_coverage(values: Coverage, width: int, height: int) -> Coverage:
    """The same at another size, antialiased."""
    if values.shape == (height, width):
        return values
    resized = Image.fromarray(values).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized, np.float32)


def combined_coverage(masks: Sequence[Coverage | None]) -> Coverage | None:
    """(H, W): how much of each pixel the styles with these masks are for; None where one has none, and so for all."""
    given = [mask for mask in masks if mask is not None]
    if len(given) < len(masks):
        return None
    total = np.clip(sum(given[1:], given[0].copy()), 0.0, 1.0)
    return None if total.min() == 1.0 else total


def _check_format(mask: PixelBuffer) -> None:
    if (mask.layout, mask.depth) != ("GRAY", "u8"):
        raise _mask_error(f"is {mask.layout} {mask.depth}, not GRAY u8", _HINT)


def _size(pixels: PixelBuffer) -> str:
    return f"{pixels.width} x {pixels.height}"


def _mask_error(what: str, hint: str) -> InputError:
    return InputError("mask-unfit", f"The mask {what}.", hint)
