"""Reduces pictures: fewer pixels, 8 bits per channel, no alpha."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gramarye_protocol.pixels import PixelBuffer

from ..pixels.formats import array_to_buffer, buffer_to_array, quantise, to_unit
from ..pixels.resize import resize

FILTER = Image.Resampling.LANCZOS
"""Keeps the most detail of Pillow's filters; its overshoot is clipped when the values are stored."""


def reduced_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Return width and height scaled so that the longest side is at most ``max_side``; 0 means no limit."""
    if not max_side or max(width, height) <= max_side:
        return width, height
    factor = max_side / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def reduce_to_side(pixels: PixelBuffer, max_side: int) -> PixelBuffer:
    """Return the buffer reduced to a longest side of at most ``max_side``, in the same depth; 0 means no limit.

    Colours are weighted by alpha, so transparent pixels do not affect their neighbours.
    """
    size = reduced_size(pixels.width, pixels.height, max_side)
    if size == (pixels.width, pixels.height):
        return pixels
    values = to_unit(buffer_to_array(pixels), pixels.depth)
    if pixels.layout.endswith("A"):
        values[..., :-1] *= values[..., -1:]
    small = resize(values, *size, FILTER)
    if pixels.layout.endswith("A"):
        alpha = small[..., -1:]
        np.divide(small[..., :-1], alpha, out=small[..., :-1], where=alpha > 0)
        small[..., :-1][alpha[..., 0] <= 0] = 0.0
    return array_to_buffer(quantise(small, pixels.depth), pixels.layout, pixels.depth, pixels.profile)


def to_eight_bits(pixels: PixelBuffer) -> PixelBuffer:
    """Return a buffer of any depth as 8 bits per channel, dithered; the buffer itself if it is u8."""
    if pixels.depth == "u8":
        return pixels
    values = to_unit(buffer_to_array(pixels), pixels.depth)
    return array_to_buffer(quantise(values, "u8", dithered=True), pixels.layout, "u8", pixels.profile)


def flatten_on_white(pixels: PixelBuffer) -> PixelBuffer:
    """Return the buffer composited on white, without alpha; the buffer itself if it has no alpha."""
    if not pixels.layout.endswith("A"):
        return pixels
    values = to_unit(buffer_to_array(pixels), pixels.depth)
    colours = values[..., -2::-1] if pixels.layout == "BGRA" else values[..., :-1]
    alpha = np.clip(values[..., -1:], 0.0, 1.0)
    flat = quantise(colours * alpha + (1.0 - alpha), pixels.depth)
    return array_to_buffer(flat, "GRAY" if pixels.layout == "GRAYA" else "RGB", pixels.depth, pixels.profile)


def to_rgb_order(pixels: PixelBuffer) -> tuple[NDArray[Any], str]:
    """Return the buffer as an array, with BGRA reordered to RGBA, and its layout."""
    array = buffer_to_array(pixels)
    return (array[..., [2, 1, 0, 3]], "RGBA") if pixels.layout == "BGRA" else (array, pixels.layout)
