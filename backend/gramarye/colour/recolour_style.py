"""Maps a style's colours to the layer's before painting (arXiv:1606.05897, section 3.1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .histogram_matching import SlicedMap, sliced_histogram_map
from .linear_maps import LinearMap, Moments, cholesky, moments, monge, pca
from .spaces import bands
from .srgb import to_encoded, to_linear

Values = NDArray[np.float32]
Weights = NDArray[np.float32]

LINEAR_MATCHES: dict[str, Callable[[Moments, Moments], LinearMap]] = {"monge": monge, "cholesky": cholesky, "pca": pca}
"""Values of a recipe's ``colour_match`` that match mean and covariance; the other value is "histogram"."""


def match_colours(style: Values, layer: Values, weights: Weights | None, match: str) -> Values:
    """Return a style (H, W, 3) in the colours of a layer (h, w, 3), both sRGB in 0..1.

    ``weights`` (h, w) weight the layer's pixels (None: equally); ``match`` is a recipe's ``colour_match``. Colours
    outside the sRGB gamut are clipped.
    """
    colour_map = _colour_map(style, layer, weights, match)
    result = np.empty_like(style)
    for band in bands(style):
        result[band] = to_encoded(colour_map(to_linear(style[band].astype(np.float64))))
    return result


def _colour_map(style: Values, layer: Values, weights: Weights | None, match: str) -> LinearMap | SlicedMap:
    if match == "histogram":
        return sliced_histogram_map(style, layer, weights)
    return LINEAR_MATCHES[match](moments(style), moments(layer, weights))
