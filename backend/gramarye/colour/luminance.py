"""Painting in light and dark alone: pictures without chroma, a style's lightness moved to the layer's.

L_S' = sigma_C / sigma_S (L_S - mu_S) + mu_C (Gatys, Ecker, Bethge, Hertzmann & Shechtman, Controlling Perceptual
Factors in Neural Style Transfer, arXiv:1611.07865, section 5.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .spaces import Space, bands

Values = NDArray[np.float32]
Weights = NDArray[np.float32]

FLAT = 1.0 / 64.0
"""Spread of lightness below which a style has none of its own: its grain is not magnified into light and dark."""


@dataclass(frozen=True)
class Tone:
    """Mean and standard deviation of a picture's lightness, each in 0..1."""

    mean: float
    spread: float


def tone(picture: Values, space: Space, weights: Weights | None = None) -> Tone:
    """Of (H, W, 3) sRGB, each pixel counting as its (H, W) weight says: all alike without, or where all are 0."""
    lightness = np.concatenate([space.from_srgb(picture[band])[..., 0] for band in bands(picture)])
    shares = None if weights is None or not weights.any() else weights
    mean = float(np.average(lightness, weights=shares))
    variance = float(np.average((lightness - mean) ** 2, weights=shares))
    return Tone(mean, variance**0.5)


def grey(picture: Values, space: Space) -> Values:
    """(H, W, 3) sRGB in 0..1 without chroma, as light as it was."""
    return _relit(picture, space, 1.0, 0.0)


def grey_of_tone(picture: Values, wanted: Tone, space: Space) -> Values:
    """The same with its lightness moved to another's mean and spread; what leaves 0..1 is clipped."""
    own = tone(picture, space)
    factor = wanted.spread / max(own.spread, FLAT)
    return _relit(picture, space, factor, wanted.mean - factor * own.mean)


def _relit(picture: Values, space: Space, factor: float, shift: float) -> Values:
    result = np.empty_like(picture)
    for band in bands(picture):
        parted = space.from_srgb(picture[band])
        parted[..., 0] = np.clip(factor * parted[..., 0] + shift, 0.0, 1.0)
        parted[..., 1:] = 0.0
        result[band] = space.to_srgb(parted)
    return result
