"""Pixel depths: buffers as arrays, and conversion between a depth and floats in 0..1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gramarye_protocol.pixels import Buffer, PixelBuffer

DTYPES = {"u8": "<u1", "u16": "<u2", "f16": "<f2", "f32": "<f4"}
WHITE_LEVEL = {"u8": 255.0, "u16": 65535.0, "f16": 1.0, "f32": 1.0}
"""The value of white in each depth."""

DITHER_AMPLITUDE = 0.5 - 1.0 / 12.0
"""Largest offset of the dither in levels. Below 0.5, so that values near a level keep it (e.g. 254.93 stays white)."""

ROWS_PER_BAND = 256
"""Rows dithered at a time."""

_COLUMN_STEP, _ROW_STEP = 0xC13FA9A9, 0x91E10DA6
"""1 / g and 1 / g^2 as 32-bit fractions, where g^3 = g + 1: Roberts' two-dimensional sequence."""

_CHANNEL_STEP = 0x55555555
"""A third as a 32-bit fraction: the phase between channels."""


def buffer_to_array(pixels: PixelBuffer) -> NDArray[Any]:
    """Return (H, W, channels) in the buffer's depth and channel order. The array shares the buffer's memory."""
    flat = np.frombuffer(pixels.data, dtype=DTYPES[pixels.depth])
    return flat.reshape(pixels.height, pixels.width, pixels.channels)


def array_to_buffer(array: NDArray[Any], layout: str, depth: str, profile: Buffer = b"") -> PixelBuffer:
    """Return a buffer of an (H, W, channels) array whose values are already in ``depth``."""
    plain = np.ascontiguousarray(array, dtype=DTYPES[depth])
    return PixelBuffer(plain.shape[1], plain.shape[0], layout, depth, plain.data.cast("B"), profile)


def to_unit(array: NDArray[Any], depth: str) -> NDArray[np.float32]:
    """Return values of ``depth`` as float32 with white at 1."""
    values = array.astype(np.float32)
    values /= np.float32(WHITE_LEVEL[depth])
    return values


def quantise(values: NDArray[np.float32], depth: str, dithered: bool = False) -> NDArray[Any]:
    """Return (H, W, C) float32 values in ``depth``, clipped to 0..1. Integers are rounded, with dither if ``dithered``.

    The dither is uniformly distributed and depends on row, column and channel only. A gradient between two levels
    becomes a mixture of both with the gradient's mean instead of a step.
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
    """Return dither (height, width, channels) in levels, within +-`DITHER_AMPLITUDE`, for the rows from ``top`` on.

    Roberts, The unreasonable effectiveness of quasirandom sequences (2018): every neighbourhood contains all values
    about equally often.
    """
    rows = np.arange(top, top + height, dtype=np.uint32) * np.uint32(_ROW_STEP)
    columns = np.arange(width, dtype=np.uint32) * np.uint32(_COLUMN_STEP)
    planes = np.arange(channels, dtype=np.uint32) * np.uint32(_CHANNEL_STEP)
    phase = rows[:, None, None] + columns[:, None] + planes
    noise: NDArray[np.float32] = phase.astype(np.float32)
    noise *= np.float32(2.0 * DITHER_AMPLITUDE / 2**32)
    noise -= np.float32(DITHER_AMPLITUDE)
    return noise
