"""Colours: three numbers 0..1 (sRGB), and the arrays that they become."""

from __future__ import annotations

import numpy as np

from .noise import FloatArray

RGB = tuple[float, float, float]


def rgb_array(colour: RGB) -> FloatArray:
    """The colour as an array (3,), to be broadcast over a picture."""
    return np.array(colour, np.float32)
