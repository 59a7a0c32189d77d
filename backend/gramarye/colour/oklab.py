"""Oklab, a perceptually uniform colour space (Ottosson, "A perceptual color space", 2020)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .srgb import to_encoded, to_linear

Values = NDArray[np.float32]

TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
"""Linear sRGB to the responses of the long, middle and short cones."""

TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
"""Cube roots of the cone responses to L, a, b."""


def from_srgb(values: Values) -> Values:
    """Convert (..., 3) sRGB in 0..1 to L in 0..1, a and b."""
    lab: Values = (np.cbrt(to_linear(values) @ TO_CONES.T) @ TO_LAB.T).astype(np.float32)
    return lab


def to_srgb(lab: Values) -> Values:
    """Invert `from_srgb`, clipped to 0..1."""
    return to_encoded((lab @ np.linalg.inv(TO_LAB).T) ** 3 @ np.linalg.inv(TO_CONES).T)
