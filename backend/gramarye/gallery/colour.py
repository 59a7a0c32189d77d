"""Colours: three numbers 0..1 (sRGB), and the arrays that they become."""

from __future__ import annotations

import numpy as np

from .noise import Field

RGB = tuple[float, float, float]


def pigment(colour: RGB) -> Field:
    """The colour as an array (3,), to be broadcast over a picture."""
    return np.array(colour, np.float32)
