"""Pictures made less: fewer pixels, fewer bits, no alpha."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gramarye_protocol.pixels import PixelBuffer

from ..pixels.formats import array_to_buffer, buffer_to_array, quantise, to_unit


def reduced_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Width and height with the longest side at most ``max_side``; 0: as they are."""
    if not max_side or max(width, height) <= max_side:
        return width, height
    factor = max_side / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def reduce_to_side(pixels: PixelBuffer, max_side: int) -> PixelBuffer:
    """Antialiased (Lanczos), at the buffer's own depth, so that its longest side is at most ``max_side``; 0: as it is.

    What is transparent lends no colour to what stands beside it.
    """
    size = reduced_size(pixels.width, pixels.height, max_side)
    if size == (pixels.width, pixels.height):
        return pixels
    values = to_unit(buffer_to_array(pixels), pixels.depth)
    if pixels.layout.endswith("A"):
        values[..., :-1] *= values[..., -1:]
    small = np.stack([_resize_channel(values[..., channel], size) for channel in range(values.shape[-1])], axis=-1)
    if pixels.layout.endswith("A"):
        alpha = small[..., -1:]
        np.divide(small[..., :-1], alpha, out=small[..., :-1], where=alpha > 0)
        small[..., :-1][alpha[..., 0] <= 0] = 0.0
    return array_to_buffer(quantise(small, pixels.depth), pixels.layout, pixels.depth, pixels.profile)


def to_eight_bits(pixels: PixelBuffer) -> PixelBuffer:
    """A buffer of any depth as one of 8 bits, dithered; itself where it has no more."""
    if pixels.depth == "u8":
        return pixels
    values = to_unit(buffer_to_array(pixels), pixels.depth)
    return array_to_buffer(quantise(values, "u8", dithered=True), pixels.layout, "u8", pixels.profile)


def flatten_on_white(pixels: PixelBuffer) -> PixelBuffer:
    """A buffer without its alpha, laid on white; itself where it has none."""
    if not pixels.layout.endswith("A"):
        return pixels
    values = to_unit(buffer_to_array(pixels), pixels.depth)
    colours = values[..., -2::-1] if pixels.layout == "BGRA" else values[..., :-1]
    alpha = np.clip(values[..., -1:], 0.0, 1.0)
    flat = quantise(colours * alpha + (1.0 - alpha), pixels.depth)
    return array_to_buffer(flat, "GRAY" if pixels.layout == "GRAYA" else "RGB", pixels.depth, pixels.profile)


def to_rgb_order(pixels: PixelBuffer) -> tuple[NDArray[Any], str]:
    """A buffer as an array with red first, and the layout that it has then."""
    array = buffer_to_array(pixels)
    return (array[..., [2, 1, 0, 3]], "RGBA") if pixels.layout == "BGRA" else (array, pixels.layout)


def _resize_channel(channel: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    image = Image.fromarray(np.ascontiguousarray(channel))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))
