"""Conversion of layers to the engine's pictures and back; alpha is preserved.

The engine takes (H, W, 3) float32 sRGB in 0..1. Hidden colours (alpha 0) must not affect the picture's statistics, so
they are replaced by a continuation of the visible colours around them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gramarye_protocol.pixels import PixelBuffer

from ..errors import InputError
from .fill_transparent import fill_transparent
from .formats import array_to_buffer, buffer_to_array, quantise, to_unit
from .icc_transform import IccTransform

Picture = npt.NDArray[np.float32]
Coverage = npt.NDArray[np.float32]

_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)  # ITU-R BT.709, applied to encoded values
_COLOUR = {"RGBA": [0, 1, 2], "BGRA": [2, 1, 0], "RGB": [0, 1, 2], "GRAY": [0, 0, 0], "GRAYA": [0, 0, 0]}


def to_picture(pixels: PixelBuffer) -> Picture:
    """Return a layer as (H, W, 3) float32 sRGB in 0..1. Float values are clipped to 0..1 before conversion.

    Errors: ``pixels-not-finite`` (NaN or infinity), ``pixels-transparent`` (no visible pixel),
    ``profile-unreadable``.
    """
    array = buffer_to_array(pixels)
    if pixels.depth in ("f16", "f32") and not np.isfinite(array).all():
        raise InputError("pixels-not-finite", "The layer holds NaN or infinite values.", "Replace those pixels first.")
    space = _space(pixels)
    is_single_channel = _is_grey(pixels) and not space.is_srgb
    colour = to_unit(array[..., 0 if is_single_channel else _COLOUR[pixels.layout]], pixels.depth)
    np.clip(colour, 0.0, 1.0, out=colour)
    if not space.is_srgb:
        colour = space.to_srgb(colour)
    visible = alpha_coverage(pixels)
    return colour if visible is None else _fill_hidden(colour, visible)


def alpha_coverage(pixels: PixelBuffer, mask: PixelBuffer | None = None) -> Coverage | None:
    """Return the layer's alpha, times ``mask`` if given, as (H, W) float32 in 0..1; None if it has no alpha."""
    alpha = _alpha(buffer_to_array(pixels), pixels)
    if alpha is None:
        return None
    found = to_unit(alpha, pixels.depth)
    np.clip(found, 0.0, 1.0, out=found)
    if mask is not None:
        found *= buffer_to_array(mask)[..., 0] / np.float32(255.0)
    return found


def subsampled(pixels: PixelBuffer, side: int) -> PixelBuffer:
    """Return every n-th row and column, n = longest side // ``side``; the layer itself if n is 1 or exceeds a side."""
    stride = max(1, max(pixels.width, pixels.height) // side)
    if stride == 1 or min(pixels.width, pixels.height) // stride < 1:
        return pixels
    strided = np.ascontiguousarray(buffer_to_array(pixels)[::stride, ::stride])
    return PixelBuffer(
        strided.shape[1], strided.shape[0], pixels.layout, pixels.depth, strided.data.cast("B"), pixels.profile
    )


def apply_painting(
    pixels: PixelBuffer, painting: Picture, mask: PixelBuffer | None = None, coverage: Coverage | None = None
) -> PixelBuffer:
    """Return the layer ``pixels`` with the painting's colours, in the same layout, depth, profile and offset.

    ``painting`` is (H, W, 3) float32 sRGB in 0..1. Alpha is copied, or multiplied by ``mask`` if given. Colours under
    alpha 0 are not changed. Grey layers get the painting's luma, or its grey by their ICC profile if that is not sRGB.
    8-bit layers are dithered. ``coverage`` (H, W), 0..1, blends layer and painting; pixels where it is 0 are copied
    from the layer.
    """
    source = buffer_to_array(pixels)
    result = source.copy()
    places = [0] if _is_grey(pixels) else _COLOUR[pixels.layout]
    painted_values = _to_layer_profile(painting, pixels)
    if coverage is not None:
        layer = to_unit(source[..., places], pixels.depth)
        painted_values = layer + coverage[..., None] * (painted_values - layer)
    stored = quantise(painted_values, pixels.depth, dithered=pixels.depth == "u8")
    alpha = _alpha(source, pixels)
    painted = np.ones(source.shape[:2], bool) if alpha is None else alpha > 0
    if coverage is not None:
        painted &= coverage > 0.0
    for channel, place in enumerate(places):
        np.copyto(result[..., place], stored[..., channel], where=painted)
    if mask is not None:
        result[..., -1] = _multiply_alpha(result[..., -1], mask)
    return PixelBuffer(
        pixels.width, pixels.height, pixels.layout, pixels.depth, result.data.cast("B"), pixels.profile, pixels.offset
    )


def to_preview_buffer(picture: Picture, visible: Coverage | None = None) -> PixelBuffer:
    """Return an (h, w, 3) float32 picture in 0..1 as RGB u8, or as RGBA with (h, w) ``visible`` as alpha if given."""
    height, width = picture.shape[:2]
    if visible is not None:
        picture = np.dstack((picture, visible))
    layout = "RGB" if visible is None else "RGBA"
    return PixelBuffer(width, height, layout, "u8", quantise(picture, "u8").tobytes())


def to_u16_buffer(picture: Picture) -> PixelBuffer:
    """Return an (H, W, 3) float32 picture in 0..1 as RGB u16."""
    return array_to_buffer(quantise(picture, "u16"), "RGB", "u16")


def _is_grey(pixels: PixelBuffer) -> bool:
    return pixels.layout in ("GRAY", "GRAYA")


def _space(pixels: PixelBuffer) -> IccTransform:
    return IccTransform(bytes(pixels.profile), "gray" if _is_grey(pixels) else "rgb")


def _alpha(array: npt.NDArray[Any], pixels: PixelBuffer) -> npt.NDArray[Any] | None:
    return array[..., -1] if pixels.layout in ("RGBA", "BGRA", "GRAYA") else None


def _multiply_alpha(alpha: npt.NDArray[Any], mask: PixelBuffer) -> npt.NDArray[Any]:
    """Return alpha times the mask in alpha's type, unchanged where the mask is 255."""
    share = buffer_to_array(mask)[..., 0] / 255.0
    product = alpha * share
    kept: npt.NDArray[Any] = (product if alpha.dtype.kind == "f" else np.rint(product)).astype(alpha.dtype)
    return kept


def _fill_hidden(colour: Picture, visible: Coverage) -> Picture:
    if not visible.any():
        raise InputError("pixels-transparent", "The layer is fully transparent.", "Choose a layer with visible pixels.")
    if visible.min() > 0.0:
        return colour
    return fill_transparent(colour, visible)


def _to_layer_profile(painting: Picture, pixels: PixelBuffer) -> npt.NDArray[np.float32]:
    """Return the painting in the layer's profile: (H, W, 3), or (H, W, 1) for grey."""
    space = _space(pixels)
    if not space.is_srgb:
        painted_values = space.from_srgb(painting)
        return painted_values[..., None] if _is_grey(pixels) else painted_values
    grey: npt.NDArray[np.float32] = (painting @ _LUMA)[..., None]
    return grey if _is_grey(pixels) else painting
