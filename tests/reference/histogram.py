"""Distributions of features along directions, and Cramér's distance between them, summed position by position.

Cramér's distance is the integral of (F - A)^2 over cumulative distributions (sliced: Kolouri et al., ICLR 2020). F
is averaged over each of B equal bins, which cover SPAN standard deviations on either side of the mean of the styles.
Outside the bins the integrals of F (below) and of 1 - F (above) are compared, squared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reference.arrays import Array

SPAN, BINS = 3.0, 48


@dataclass(frozen=True)
class Scale:
    """Unit directions (D, C), with the mean and standard deviation (D,) of the features along each."""

    directions: Array
    mean: Array
    deviation: Array


def scale(styles: Sequence[tuple[Array, float]], directions: Array) -> Scale:
    """Return the scale of a mixture of features (H, W, C), each picture weighted by its share; shares sum to 1."""
    projections = [rows(features) @ directions.T for features, _ in styles]
    shares = [share for _, share in styles]
    mean = sum(share * p.mean(axis=0) for p, share in zip(projections, shares, strict=True))
    variance = sum(share * ((p - mean) ** 2).mean(axis=0) for p, share in zip(projections, shares, strict=True))
    return Scale(directions, np.asarray(mean), np.sqrt(np.asarray(variance)))


def integrals(features: Array, at: Scale, weight: Array | None = None) -> Array:
    """Return (D, B + 2): the integral of F below the bins, its mean over each bin, and the integral of 1 - F above.

    Integrals are in standard deviations. `weight` (H, W) is how often each position counts.
    """
    weights = np.ones(features.shape[:2]).reshape(-1) if weight is None else weight.reshape(-1)
    z = (rows(features) @ at.directions.T - at.mean) / at.deviation
    edges = np.linspace(-SPAN, SPAN, BINS + 1)
    total = np.empty((len(at.directions), BINS + 2))
    total[:, 0] = weights @ np.maximum(-SPAN - z, 0.0)
    for number, (left, right) in enumerate(pairwise(edges), start=1):
        total[:, number] = weights @ np.clip((right - z) / (right - left), 0.0, 1.0)
    total[:, -1] = weights @ np.maximum(z - SPAN, 0.0)
    result: Array = total / weights.sum()
    return result


def distance(features: Array, picture: Array, at: Scale, weight: Array | None = None) -> float:
    """Return the distance between the distributions of features and of a style picture, averaged over directions."""
    difference = integrals(features, at, weight) - integrals(picture, at)
    bins = np.sum(difference[:, 1:-1] ** 2, axis=1) * 2.0 * SPAN / BINS
    return float(np.mean(bins + difference[:, 0] ** 2 + difference[:, -1] ** 2))


def distance_gradient(features: Array, picture: Array, at: Scale, weight: Array | None = None) -> Array:
    """d/d(features): each position changes only the integral over its own bin, at a constant negative rate."""
    weights = np.ones(features.shape[:2]).reshape(-1) if weight is None else weight.reshape(-1)
    difference = integrals(features, at, weight) - integrals(picture, at)
    difference[:, -1] *= -1.0  # the sign of F - 1
    z = (rows(features) @ at.directions.T - at.mean) / at.deviation
    number = np.clip(np.floor((z + SPAN) * BINS / (2.0 * SPAN)).astype(int), -1, BINS) + 1
    rates = -2.0 * np.take_along_axis(difference.T, number, axis=0) / len(at.directions)
    shares = (weights / weights.sum())[:, np.newaxis]
    gradient: Array = (shares * rates / at.deviation) @ at.directions
    return gradient.reshape(features.shape)


def rows(features: Array) -> Array:
    """(H, W, C) -> (M, C)."""
    return features.reshape(-1, features.shape[2])
