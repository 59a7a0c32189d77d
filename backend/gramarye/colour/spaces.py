"""The ways to part a picture's lightness from its colours, by the names that a recipe gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import cielab, oklab, rec601

Values = NDArray[np.float32]

PIXELS_PER_BAND = 1 << 17
"""Pixels at once, or a row: what is computed on the way stays small."""


class Space(NamedTuple):
    """(..., 3) float32 sRGB in 0..1 to lightness in 0..1 with two values of chroma, and back, clipped to 0..1."""

    from_srgb: Callable[[Values], Values]
    to_srgb: Callable[[Values], Values]


OKLAB = Space(oklab.from_srgb, oklab.to_srgb)
SPACES = {
    "oklab": OKLAB,
    "lab": Space(cielab.from_srgb, cielab.to_srgb),
    "yuv": Space(rec601.from_srgb, rec601.to_srgb),
}


def bands(picture: Values) -> list[slice]:
    """The rows of (H, W, 3), as many at a time as hold `PIXELS_PER_BAND` pixels."""
    height, width = picture.shape[:2]
    rows = max(1, PIXELS_PER_BAND // width)
    return [slice(top, top + rows) for top in range(0, height, rows)]
