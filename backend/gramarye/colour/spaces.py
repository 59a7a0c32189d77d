"""Colour spaces that separate lightness from chroma, by their names in recipes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import cielab, oklab, rec601

Values = NDArray[np.float32]

PIXELS_PER_BAND = 1 << 17
"""Pixels processed at a time (at least one row), which limits the memory for intermediate arrays."""


class Space(NamedTuple):
    """Converts (..., 3) float32 sRGB in 0..1 to lightness in 0..1 and two chroma values, and back, clipped to 0..1."""

    from_srgb: Callable[[Values], Values]
    to_srgb: Callable[[Values], Values]


OKLAB = Space(oklab.from_srgb, oklab.to_srgb)
SPACES = {
    "oklab": OKLAB,
    "lab": Space(cielab.from_srgb, cielab.to_srgb),
    "yuv": Space(rec601.from_srgb, rec601.to_srgb),
}


def bands(picture: Values) -> list[slice]:
    """Return row slices that split (H, W, 3) into bands of at most `PIXELS_PER_BAND` pixels, but at least one row."""
    height, width = picture.shape[:2]
    rows = max(1, PIXELS_PER_BAND // width)
    return [slice(top, top + rows) for top in range(0, height, rows)]
