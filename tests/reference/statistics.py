"""Second-order statistics of features over their positions, and their derivatives.

With F of shape (M, C), M = H W positions: the Gram matrix is F^T F (Gatys, Ecker & Bethge, arXiv:1508.06576, equation
3); the covariance is the same with F minus its mean over positions; the moments are the covariance with the sums of F
below it, (C + 1, C). `normalise` divides each by M, which makes the last row the means.
"""

from typing import Literal, TypeAlias

import numpy as np

from reference.arrays import Array

Statistic: TypeAlias = Literal["gram", "covariance", "moments"]


def positions(features: Array) -> int:
    """Return M = H W."""
    height, width, _ = features.shape
    return int(height * width)


def statistic(features: Array, kind: Statistic = "gram", *, normalise: bool = True) -> Array:
    """Return a statistic of (H, W, C) features: a symmetric (C, C) matrix, for "moments" (C + 1, C)."""
    rows = _rows(features, kind)
    total: Array = rows.T @ rows
    if kind == "moments":
        total = np.vstack([total, features.sum(axis=(0, 1))])
    return total / rows.shape[0] if normalise else total


def statistic_gradient(features: Array, upstream: Array, kind: Statistic = "gram", *, normalise: bool = True) -> Array:
    """d/dF of <upstream, statistic(F)>: F (D + D^T), F centred for the covariance, over M if normalised.

    The gradient need not be centred again: the centred rows sum to zero over positions, and so does their product with
    D + D^T. `upstream` D, of the statistic's shape, need not be symmetric.
    """
    rows = _rows(features, kind)
    channels = features.shape[2]
    matrix = upstream[:channels]
    gradient: Array = rows @ (matrix + matrix.T)
    if kind == "moments":
        gradient = gradient + upstream[channels]
    scaled = gradient / rows.shape[0] if normalise else gradient
    return scaled.reshape(features.shape)


def gram(features: Array, *, normalise: bool = True) -> Array:
    """Return F^T F, divided by M if `normalise`."""
    return statistic(features, "gram", normalise=normalise)


def covariance(features: Array, *, normalise: bool = True) -> Array:
    """Return (F - mean)^T (F - mean), divided by M (not M - 1) if `normalise`."""
    return statistic(features, "covariance", normalise=normalise)


def _rows(features: Array, kind: Statistic) -> Array:
    rows = features.reshape(-1, features.shape[2])
    return rows - rows.mean(axis=0) if kind != "gram" else rows
