"""Distributions of features along directions, and Cramér's distance between them, position by position.

Cramér's distance is the integral of (F - A)^2 over cumulative distributions (sliced: Kolouri et al., ICLR 2020). F
is averaged over each of B equal bins on `span` deviations either side of the mean, both the style's; beyond them the
squared integrals of F below and of 1 - F above are compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from reference.arrays import Array

SPAN, BINS = 3.0, 48


@dataclass(frozen=True)
class Scale:
    """Along each of D directions (D, C) of unit length, in units of features: mean and deviation (D,)."""

    directions: Array
    mean: Array
    deviation: Array


def scale(styles: Sequence[tuple[Array, float]], directions: Array) -> Scale:
    """Mean and deviation of all positions of features (H, W, C), a picture's together weighing its share of 1."""
    projections = [rows(features) @ directions.T for features, _ in styles]
    shares = [share for _, share in styles]
    mean = sum(share * p.mean(axis=0) for p, share in zip(projections, shares, strict=True))
    variance = sum(share * ((p - mean) ** 2).mean(axis=0) for p, share in zip(projections, shares, strict=True))
    return Scale(directions, np.asarray(mean), np.sqrt(np.asarray(variance)))


def integrals(features: Array, at: Scale, weight: Array | None = None) -> Array:
    """(D, B + 2): in deviations, the integral of F below the bins, its mean over each bin, that of 1 - F above.

    `weight` (H, W) says how often each position counts.
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
    """From the distribution of a style picture's features to that of the features, averaged over directions."""
    difference = integrals(features, at, weight) - integrals(picture, at)
    bins = np.sum(difference[:, 1:-1] ** 2, axis=1) * 2.0 * SPAN / BINS
    return float(np.mean(bins + difference[:, 0] ** 2 + difference[:, -1] ** 2))


def distance_gradient(features: Array, picture: Array, at: Scale, weight: Array | None = None) -> Array:
    """d/dF: what a position adds to F's integral falls as it moves up, at one rate, in the bin where it lies."""
    weights = np.ones(features.shape[:2]).reshape(-1) if weight is None else weight.reshape(-1)
    difference = integrals(features, at, weight) - integrals(picture, at)
    difference[:, -1] *= -1.0  # of F - 1
    z = (rows(features) @ at.directions.T - at.mean) / at.deviation
    number = np.clip(np.floor((z + SPAN) * BINS / (2.0 * SPAN)).astype(int), -1, BINS) + 1
    rates = -2.0 * np.take_along_axis(difference.T, number, axis=0) / len(at.directions)
    shares = (weights / weights.sum())[:, np.newaxis]
    gradient: Array = (shares * rates / at.deviation) @ at.directions
    return gradient.reshape(features.shape)


def rows(features: Array) -> Array:
    """(H, W, C) -> (M, C)."""
    return features.reshape(-1, features.shape[2])
