"""A layer's pixels to the engine's arrays and back, alpha untouched.

The engine sees (H, W, 3) float32 RGB in 0..1. What the layer hides (alpha 0) must not bleed into the
picture's statistics, so hidden colour is replaced by the mean of the visible one on the way in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gramarye_protocol.pixels import PixelBuffer

from .errors import InputError

Picture = npt.NDArray[np.float32]

_DTYPES = {"u8": "<u1", "u16": "<u2", "f16": "<f2", "f32": "<f4"}
_FULL = {"u8": 255.0, "u16": 65535.0, "f16": 1.0, "f32": 1.0}
_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)  # ITU-R BT.709, on encoded values
_COLOUR = {"RGBA": [0, 1, 2], "BGRA": [2, 1, 0], "RGB": [0, 1, 2], "GRAY": [0, 0, 0], "GRAYA": [0, 0, 0]}


def to_picture(pixels: PixelBuffer) -> Picture:
    """Return (H, W, 3) float32 RGB in 0..1; float layers are clipped to that range.

    Errors: ``pixels-not-finite`` for NaN or infinity, ``pixels-transparent`` where nothing is visible.
    """
    array = _channels(pixels)
    if pixels.depth in ("f16", "f32") and not np.isfinite(array).all():
        raise InputError("pixels-not-finite", "The layer holds NaN or infinite values.", "Repair those pixels first.")
    colour = array[..., _COLOUR[pixels.layout]].astype(np.float32)
    colour /= np.float32(_FULL[pixels.depth])
    np.clip(colour, 0.0, 1.0, out=colour)
    alpha = _alpha(array, pixels)
    return colour if alpha is None else _without_hidden(colour, alpha)


def thinned(pixels: PixelBuffer, side: int) -> PixelBuffer:
    """Every n-th row and column, as few as leave the longest side ``side`` pixels or more: quick, and rough."""
    every = max(1, max(pixels.width, pixels.height) // side)
    if every == 1 or min(pixels.width, pixels.height) // every < 1:
        return pixels
    few = np.ascontiguousarray(_channels(pixels)[::every, ::every])
    return PixelBuffer(few.shape[1], few.shape[0], pixels.layout, pixels.depth, few.data.cast("B"), pixels.profile)


def with_painting(pixels: PixelBuffer, painting: Picture) -> PixelBuffer:
    """Return ``pixels`` repainted: same layout, depth, profile, offset; alpha bit for bit.

    ``painting`` is (H, W, 3) float32 RGB in 0..1. Colour under alpha 0 stays as it was; a grey layer
    takes the painting's luma.
    """
    source = _channels(pixels)
    result = source.copy()
    grey = pixels.layout in ("GRAY", "GRAYA")
    values = (painting @ _LUMA)[..., None] if grey else painting
    stored = _quantised(values, pixels.depth)
    alpha = _alpha(source, pixels)
    places = [0] if grey else _COLOUR[pixels.layout]
    for channel, place in enumerate(places):
        if alpha is None:
            result[..., place] = stored[..., channel]
        else:
            np.copyto(result[..., place], stored[..., channel], where=alpha > 0)
    return PixelBuffer(
        pixels.width, pixels.height, pixels.layout, pixels.depth, result.data.cast("B"), pixels.profile, pixels.offset
    )


def as_preview(picture: Picture) -> PixelBuffer:
    """An RGB u8 buffer of an (h, w, 3) float32 picture in 0..1."""
    height, width = picture.shape[:2]
    return PixelBuffer(width, height, "RGB", "u8", _quantised(picture, "u8").tobytes())


def _channels(pixels: PixelBuffer) -> npt.NDArray[Any]:
    flat = np.frombuffer(pixels.data, dtype=_DTYPES[pixels.depth])
    return flat.reshape(pixels.height, pixels.width, pixels.channels)


def _alpha(array: npt.NDArray[Any], pixels: PixelBuffer) -> npt.NDArray[Any] | None:
    return array[..., -1] if pixels.layout in ("RGBA", "BGRA", "GRAYA") else None


def _without_hidden(colour: Picture, alpha: npt.NDArray[Any]) -> Picture:
    cover = alpha.astype(np.float32)
    cover /= np.float32(1.0 if alpha.dtype.kind == "f" else np.iinfo(alpha.dtype).max)
    np.clip(cover, 0.0, 1.0, out=cover)
    total = float(cover.sum(dtype=np.float64))
    if total <= 0.0:
        raise InputError(
            "pixels-transparent", "The layer is fully transparent.", "Choose a layer with something on it."
        )
    mean = np.einsum("hw,hwc->c", cover, colour, dtype=np.float64) / total
    colour[cover == 0.0] = mean.astype(np.float32)
    return colour


def _quantised(values: npt.NDArray[np.float32], depth: str) -> npt.NDArray[Any]:
    clipped = np.clip(values, 0.0, 1.0)
    if depth in ("u8", "u16"):
        clipped *= np.float32(_FULL[depth])
        np.rint(clipped, out=clipped)
    return clipped.astype(_DTYPES[depth])
