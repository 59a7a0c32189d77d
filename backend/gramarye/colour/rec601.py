"""Y'CbCr of ITU-R BT.601: luma and two colour differences of encoded values, used by many programs to keep colours.

Luma is not lightness: a saturated blue and a grey of equal luma do not look equally light. Included for comparison.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

RED, BLUE = 0.299, 0.114
"""Weights of red and blue in luma (BT.601-7, 2.5.1); green has the rest."""

TO_YUV = np.array(
    [
        [RED, 1.0 - RED - BLUE, BLUE],
        [-0.5 * RED / (1.0 - BLUE), -0.5 * (1.0 - RED - BLUE) / (1.0 - BLUE), 0.5],
        [0.5, -0.5 * (1.0 - RED - BLUE) / (1.0 - RED), -0.5 * BLUE / (1.0 - RED)],
    ]
)
"""Encoded R, G, B to luma in 0..1, C_B and C_R in -0.5..0.5 (BT.601-7, 2.5.2)."""


def from_srgb(values: Values) -> Values:
    """Convert (..., 3) sRGB in 0..1 to Y', C_B and C_R."""
    yuv: Values = (values @ TO_YUV.T).astype(np.float32)
    return yuv


def to_srgb(yuv: Values) -> Values:
    """Invert `from_srgb`, clipped to 0..1."""
    return np.clip(yuv @ np.linalg.inv(TO_YUV).T, 0.0, 1.0).astype(np.float32)
