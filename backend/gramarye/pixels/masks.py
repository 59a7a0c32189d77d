"""Masks: GRAY u8 buffers, 255 where a pixel counts fully, 0 where it does not count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from gramarye_protocol.pixels import PixelBuffer

from ..errors import InputError
from .layer import Coverage, alpha_coverage, to_picture
from .resize import resize

_HINT = "Send one byte per pixel, in the layer's size."

RESIZE_FILTER = Image.Resampling.BILINEAR
"""Smooth when it enlarges, and without overshoot: values stay in 0..1."""


def check_mask(pixels: PixelBuffer, mask: PixelBuffer) -> None:
    """Check the mask of a whole painting, which is multiplied into its alpha. Errors: ``mask-unfit``."""
    check_region(pixels, mask)
    if not pixels.layout.endswith("A"):
        raise _mask_error(f"is for a layer without alpha ({pixels.layout})", "Send a layer with alpha.")


def check_region(pixels: PixelBuffer, mask: PixelBuffer) -> None:
    """Check the mask of the layer's region that one style paints. Errors: ``mask-unfit``."""
    if (mask.width, mask.height) != (pixels.width, pixels.height):
        raise _mask_error(f"has {_size(mask)} pixels, the layer {_size(pixels)}", _HINT)
    _check_format(mask)


def check_part(picture: PixelBuffer | None, part: PixelBuffer) -> None:
    """Check the mask of a part of a style's picture (None for a style known by name, of unknown size).

    Errors: ``mask-unfit``.
    """
    _check_format(part)
    if picture is not None and not has_same_proportions(part, picture.width, picture.height):
        raise _mask_error(
            f"has {_size(part)} pixels, the style's picture {_size(picture)}", "Send one of the picture's proportions."
        )


def has_same_proportions(mask: PixelBuffer, width: int, height: int) -> bool:
    """Whether a mask has the proportions of a picture, up to rounding of the sides of either."""
    return abs(mask.width * height - mask.height * width) <= max(mask.width + mask.height, width + height)


def mask_to_coverage(mask: PixelBuffer) -> Coverage:
    """Return a mask as (H, W) float32 in 0..1."""
    values: npt.NDArray[np.uint8] = np.frombuffer(mask.data, np.uint8).reshape(mask.height, mask.width)
    return values.astype(np.float32) / np.float32(255.0)


def mask_from_picture(pixels: PixelBuffer) -> PixelBuffer:
    """Return a GRAY u8 mask of any picture: its alpha, or the mean of its colours if it is opaque."""
    seen = alpha_coverage(pixels)
    values = to_picture(pixels).mean(axis=2) if seen is None or seen.min() == 1.0 else seen
    stored = np.rint(values * np.float32(255.0)).astype(np.uint8)
    return PixelBuffer(pixels.width, pixels.height, "GRAY", "u8", stored.tobytes())


def resize_coverage(values: Coverage, width: int, height: int) -> Coverage:
    """Return (h, w) coverage resized to (``height``, ``width``), antialiased."""
    if values.shape == (height, width):
        return values
    return resize(values[..., None], width, height, RESIZE_FILTER)[..., 0]


def combined_coverage(masks: Sequence[Coverage | None]) -> Coverage | None:
    """Return the sum of the styles' masks (H, W), clipped to 1; None if it is 1 everywhere or a style has no mask."""
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
