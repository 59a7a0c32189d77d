"""Lightness-only painting: removes chroma and matches a style's lightness to the layer's.

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

MIN_STD = 1.0 / 64.0
"""Smallest standard deviation of lightness assumed for a style, so that the grain of a flat style is not amplified."""


@dataclass(frozen=True)
class LightnessStats:
    """Mean and standard deviation of a picture's lightness, each in 0..1."""

    mean: float
    std: float


def lightness_stats(picture: Values, space: Space, weights: Weights | None = None) -> LightnessStats:
    """Return the stats of (H, W, 3) sRGB, weighted by (H, W) ``weights``; equal weights if None or all 0."""
    lightness = np.concatenate([space.from_srgb(picture[band])[..., 0] for band in bands(picture)])
    shares = None if weights is None or not weights.any() else weights
    mean = float(np.average(lightness, weights=shares))
    variance = float(np.average((lightness - mean) ** 2, weights=shares))
    return LightnessStats(mean, variance**0.5)


def remove_chroma(picture: Values, space: Space) -> Values:
    """Return (H, W, 3) sRGB in 0..1 without chroma, with the same lightness."""
    return _scale_lightness(picture, space, 1.0, 0.0)


def match_lightness(picture: Values, target: LightnessStats, space: Space) -> Values:
    """Return a picture without chroma, its lightness scaled to ``target``'s mean and deviation, clipped to 0..1."""
    source = lightness_stats(picture, space)
    factor = target.std / max(source.std, MIN_STD)
    return _scale_lightness(picture, space, factor, target.mean - factor * source.mean)


def _scale_lightness(picture: Values, space: Space, factor: float, shift: float) -> Values:
    result = np.empty_like(picture)
    for band in bands(picture):
        parted = space.from_srgb(picture[band])
        parted[..., 0] = np.clip(factor * parted[..., 0] + shift, 0.0, 1.0)
        parted[..., 1:] = 0.0
        result[band] = space.to_srgb(parted)
    return result
