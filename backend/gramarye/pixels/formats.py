"""The depths of pixels: a buffer as an array, and values in 0..1 brought to a depth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gramarye_protocol.pixels import Buffer, PixelBuffer

DTYPES = {"u8": "<u1", "u16": "<u2", "f16": "<f2", "f32": "<f4"}
WHITE_LEVEL = {"u8": 255.0, "u16": 65535.0, "f16": 1.0, "f32": 1.0}
"""What white is, in each depth."""

DITHER_AMPLITUDE = 0.5 - 1.0 / 12.0
"""How far dither moves a value, in levels: what lies on a level stays, even white that a profile has made 254.93."""

ROWS_PER_BAND = 256
"""Rows dithered at once."""

_COLUMN_STEP, _ROW_STEP = 0xC13FA9A9, 0x91E10DA6
"""1 / g and 1 / g^2 in 32 bits, where g^3 = g + 1: Roberts' two-dimensional sequence."""

_CHANNEL_STEP = 0x55555555
"""A third: how far the channels are apart in it."""


def buffer_to_array(pixels: PixelBuffer) -> NDArray[Any]:
    """(H, W, channels) in the buffer's own depth and order; shares its memory."""
    flat = np.frombuffer(pixels.data, dtype=DTYPES[pixels.depth])
    return flat.reshape(pixels.height, pixels.width, pixels.channels)


def array_to_buffer(array: NDArray[Any], layout: str, depth: str, profile: Buffer = b"") -> PixelBuffer:
    """A buffer of an (H, W, channels) array that has the depth's type already."""
    plain = np.ascontiguousarray(array, dtype=DTYPES[depth])
    return PixelBuffer(plain.shape[1], plain.shape[0], layout, depth, plain.data.cast("B"), profile)


def to_unit(array: NDArray[Any], depth: str) -> NDArray[np.float32]:
    """Values of a depth as floats, white at 1."""
    values = array.astype(np.float32)
    values /= np.float32(WHITE_LEVEL[depth])
    return values


def quantise(values: NDArray[np.float32], depth: str, dithered: bool = False) -> NDArray[Any]:
    """(H, W, C) float32 to a depth, clipped to 0..1; integers are rounded, after noise where it is ``dithered``.

    The noise is of rectangular distribution and a function of row, column and channel alone: where a slope between two
    levels would become a step, it becomes a mixture of both whose mean is the slope.
    """
    clipped = np.clip(values, 0.0, 1.0)
    if depth in ("u8", "u16"):
        clipped *= np.float32(WHITE_LEVEL[depth])
        if dithered:
            for top in range(0, clipped.shape[0], ROWS_PER_BAND):
                band = clipped[top : top + ROWS_PER_BAND]
                band += _dither_noise(top, *band.shape)
        np.rint(clipped, out=clipped)
    return clipped.astype(DTYPES[depth])


def _dither_noise(top: int, height: int, width: int, channels: int) -> NDArray[np.float32]:
    """(height, width, channels) in levels, within `DITHER_AMPLITUDE` of 0, of a picture's rows from ``top`` on.

    Roberts, The unreasonable effectiveness of quasirandom sequences (2018): any neighbourhood holds all values alike.
    """
    rows = np.arange(top, top + height, dtype=np.uint32) * np.uint32(_ROW_STEP)
    columns = np.arange(width, dtype=np.uint32) * np.uint32(_COLUMN_STEP)
    planes = np.arange(channels, dtype=np.uint32) * np.uint32(_CHANNEL_STEP)
    phase = rows[:, None, None] + columns[:, None] + planes
    noise: NDArray[np.float32] = phase.astype(np.float32)
    noise *= np.float32(2.0 * DITHER_AMPLITUDE / 2**32)
    noise -= np.float32(DITHER_AMPLITUDE)
    return noise
