"""CIE 1976 L*a*b* (CIE 15:2004, 8.2.1) under D65, the white of sRGB, so no chromatic adaptation is needed.

L*, a* and b* are divided by 100: lightness is in 0..1, as in the other spaces.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .srgb import to_encoded, to_linear

Values = NDArray[np.float32]

TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""Linear sRGB to CIE XYZ, from the primaries and white point of IEC 61966-2-1, to seven decimals."""

WHITE = TO_XYZ.sum(axis=1)
"""XYZ of RGB (1, 1, 1), so that greys have a* = b* = 0 exactly."""

DELTA = 6.0 / 29.0
"""Below DELTA^3 the cube root is replaced by a linear function."""

TO_LAB = np.array([[0.0, 1.16, 0.0], [5.0, -5.0, 0.0], [0.0, 2.0, -2.0]])
"""Compressed responses to (L* + 16) / 100, a* / 100 and b* / 100."""


def from_srgb(values: Values) -> Values:
    """Convert (..., 3) sRGB in 0..1 to L*, a* and b*, each divided by 100."""
    relative = to_linear(values) @ TO_XYZ.T / WHITE
    compressed = np.where(relative > DELTA**3, np.cbrt(relative), relative / (3.0 * DELTA**2) + 4.0 / 29.0)
    lab: NDArray[np.float64] = compressed @ TO_LAB.T
    lab[..., 0] -= 0.16
    return lab.astype(np.float32)


def to_srgb(lab: Values) -> Values:
    """Invert `from_srgb`, clipped to 0..1."""
    shifted = lab.astype(np.float64)
    shifted[..., 0] += 0.16
    compressed = shifted @ np.linalg.inv(TO_LAB).T
    relative = np.where(compressed > DELTA, compressed**3, 3.0 * DELTA**2 * (compressed - 4.0 / 29.0))
    return to_encoded((relative * WHITE) @ np.linalg.inv(TO_XYZ).T)
