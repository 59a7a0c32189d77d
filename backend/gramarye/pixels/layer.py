"""A layer's pixels to the engine's arrays and back, alpha untouched.

The engine sees (H, W, 3) float32 sRGB in 0..1. What the layer hides (alpha 0) must not bleed into the
picture's statistics, so hidden colour is replaced by what the visible one around it continues to.
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

_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)  # ITU-R BT.709, on encoded values
_COLOUR = {"RGBA": [0, 1, 2], "BGRA": [2, 1, 0], "RGB": [0, 1, 2], "GRAY": [0, 0, 0], "GRAYA": [0, 0, 0]}


def to_picture(pixels: PixelBuffer) -> Picture:
    """Return (H, W, 3) float32 sRGB in 0..1; float layers are clipped to the range of their profile.

    Errors: ``pixels-not-finite`` for NaN or infinity, ``pixels-transparent`` where nothing is visible,
    ``profile-unreadable``.
    """
    array = buffer_to_array(pixels)
    if pixels.depth in ("f16", "f32") and not np.isfinite(array).all():
        raise InputError("pixels-not-finite", "The layer holds NaN or infinite values.", "Repair those pixels first.")
    space = _space(pixels)
    is_single_channel = _is_grey(pixels) and not space.is_srgb
    colour = to_unit(array[..., 0 if is_single_channel else _COLOUR[pixels.layout]], pixels.depth)
    np.clip(colour, 0.0, 1.0, out=colour)
    if not space.is_srgb:
        colour = space.to_srgb(colour)
    visible = alpha_coverage(pixels)
    return colour if visible is None else _fill_hidden(colour, visible)


def alpha_coverage(pixels: PixelBuffer, mask: PixelBuffer | None = None) -> Coverage | None:
    """(H, W) float32 in 0..1: the layer's alpha, times ``mask`` if there is one; None without alpha."""
    alpha = _alpha(buffer_to_array(pixels), pixels)
    if alpha is None:
        return None
    found = to_unit(alpha, pixels.depth)
    np.clip(found, 0.0, 1.0, out=found)
    if mask is not None:
        found *= buffer_to_array(mask)[..., 0] / np.float32(255.0)
    return found


def subsampled(pixels: PixelBuffer, side: int) -> PixelBuffer:
    """Every n-th row and column, as few as leave the longest side ``side`` pixels or more: quick, and rough."""
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
    """Return ``pixels`` repainted: same layout, depth, profile, offset; alpha bit for bit, or times ``mask``.

    ``painting`` is (H, W, 3) float32 sRGB in 0..1. Colour under alpha 0 stays as it was; a grey layer
    takes the painting's luma. Layers of 8 bits are dithered. ``coverage``, (H, W) in 0..1, mixes layer and painting:
    where it is 0 the layer stays, bit for bit.
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
    """An RGB u8 buffer of an (h, w, 3) float32 picture in 0..1; RGBA where (h, w) ``visible`` is its alpha."""
    height, width = picture.shape[:2]
    if visible is not None:
        picture = np.dstack((picture, visible))
    layout = "RGB" if visible is None else "RGBA"
    return PixelBuffer(width, height, layout, "u8", quantise(picture, "u8").tobytes())


def to_u16_buffer(picture: Picture) -> PixelBuffer:
    """An RGB u16 buffer of an (H, W, 3) float32 picture in 0..1: finer than any painting is."""
    return array_to_buffer(quantise(picture, "u16"), "RGB", "u16")


def _is_grey(pixels: PixelBuffer) -> bool:
    return pixels.layout in ("GRAY", "GRAYA")


def _space(pixels: PixelBuffer) -> IccTransform:
    return IccTransform(bytes(pixels.profile), "gray" if _is_grey(pixels) else "rgb")


def _alpha(array: npt.NDArray[Any], pixels: PixelBuffer) -> npt.NDArray[Any] | None:
    return array[..., -1] if pixels.layout in ("RGBA", "BGRA", "GRAYA") else None


def _multiply_alpha(alpha: npt.NDArray[Any], mask: PixelBuffer) -> npt.NDArray[Any]:
    """Alpha times the mask, in alpha's own type; bit for bit where the mask is full."""
    share = buffer_to_array(mask)[..., 0] / 255.0
    product = alpha * share
    kept: npt.NDArray[Any] = (product if alpha.dtype.kind == "f" else np.rint(product)).astype(alpha.dtype)
    return kept


def _fill_hidden(colour: Picture, visible: Coverage) -> Picture:
    if not visible.any():
        raise InputError(
            "pixels-transparent", "The layer is fully transparent.", "Choose a layer with something on it."
        )
    if visible.min() > 0.0:
        return colour
    return fill_transparent(colour, visible)


def _to_layer_profile(painting: Picture, pixels: PixelBuffer) -> npt.NDArray[np.float32]:
    """(H, W, 3), or (H, W, 1) for grey, as the layer's profile has them."""
    space = _space(pixels)
    if not space.is_srgb:
        painted_values = space.from_srgb(painting)
        return painted_values[..., None] if _is_grey(pixels) else painted_values
    grey: npt.NDArray[np.float32] = (painting @ _LUMA)[..., None]
    return grey if _is_grey(pixels) else painting
