"""Colour preservation after painting: the painting's lightness with the layer's chroma.

Gatys, Bethge, Hertzmann & Shechtman, Preserving Color in Neural Artistic Style Transfer, arXiv:1606.05897, section 3.2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .spaces import Space, bands

Values = NDArray[np.float32]


def restore_chroma(painting: Values, layer: Values, space: Space) -> Values:
    """Return the painting's lightness with the layer's chroma; all pictures are (H, W, 3) sRGB in 0..1.

    Colours outside the sRGB gamut are clipped.
    """
    kept = np.empty_like(painting)
    for band in bands(painting):
        parted = space.from_srgb(layer[band])
        parted[..., 0] = space.from_srgb(painting[band])[..., 0]
        kept[band] = space.to_srgb(parted)
    return kept
