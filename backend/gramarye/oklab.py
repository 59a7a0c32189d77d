"""Oklab: lightness and colour apart, evenly as the eye sees them (Ottosson, "A perceptual color space", 2020)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
"""Linear sRGB to the responses of the eye's long, middle and short cones."""

TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
"""Their cube roots to L, a, b."""

BAND = 256
"""Rows at once: what is computed on the way stays small."""


def with_colours_of(painting: Values, layer: Values) -> Values:
    """The painting's lightness with the layer's a and b; (H, W, 3) sRGB in 0..1, all of them.

    Chroma that leaves sRGB's gamut at the new lightness is clipped.
    """
    kept = np.empty_like(painting)
    for top in range(0, painting.shape[0], BAND):
        band = slice(top, top + BAND)
        lab = from_srgb(layer[band])
        lab[..., 0] = from_srgb(painting[band])[..., 0]
        kept[band] = to_srgb(lab)
    return kept


def from_srgb(values: Values) -> Values:
    """(..., 3) sRGB in 0..1 to L in 0..1, a and b."""
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1
    lab: Values = (np.cbrt(linear @ TO_CONES.T) @ TO_LAB.T).astype(np.float32)
    return lab


def to_srgb(lab: Values) -> Values:
    """Back, clipped to 0..1."""
    linear = np.clip((lab @ np.linalg.inv(TO_LAB).T) ** 3 @ np.linalg.inv(TO_CONES).T, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    srgb: Values = encoded.astype(np.float32)
    return srgb
