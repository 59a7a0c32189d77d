"""Colours as tuples of sRGB values in 0..1, and as arrays."""

from __future__ import annotations

import numpy as np

from .noise import FloatArray

RGB = tuple[float, float, float]


def rgb_array(colour: RGB) -> FloatArray:
    """Return the colour as an array (3,), which broadcasts over a picture."""
    return np.array(colour, np.float32)
