"""Mean and covariance of a picture's colours, and linear maps between those of two pictures.

Everything is in linear light, where averages of colours are physical averages of light.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .spaces import bands
from .srgb import to_linear

Values = NDArray[np.float32]
Weights = NDArray[np.float32]
Matrix = NDArray[np.float64]

NOISE_STD = 2.0 / 255.0
"""Smallest standard deviation, in linear light, assumed for a style, so that faint variation is not amplified."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean (3,) and covariance (3, 3) in linear light."""

    mean: Matrix
    covariance: Matrix


@dataclass(frozen=True, eq=False)
class LinearMap:
    """Maps linear light x (..., 3) to ``matrix`` x + ``shift``."""

    matrix: Matrix
    shift: Matrix

    def __call__(self, linear: Matrix) -> Matrix:
        mapped: Matrix = linear @ self.matrix.T + self.shift
        return mapped


def moments(picture: Values, weights: Weights | None = None) -> Moments:
    """Return the moments of (H, W, 3) sRGB, weighted by (H, W) ``weights``; equal weights if None or all 0."""
    total, first, second = 0.0, np.zeros(3), np.zeros((3, 3))
    weighted = weights is not None and bool(weights.any())
    for band in bands(picture):
        colours = to_linear(picture[band].astype(np.float64)).reshape(-1, 3)
        share = weights[band].reshape(-1, 1).astype(np.float64) if weighted and weights is not None else 1.0
        counted = colours * share
        total += float(np.sum(share)) if weighted else float(len(colours))
        first += counted.sum(axis=0)
        second += counted.T @ colours
    mean = first / total
    return Moments(mean, second / total - np.outer(mean, mean))


def monge(source: Moments, target: Moments) -> LinearMap:
    """Return the optimal-transport map A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2 between covariances A and B.

    Pitie & Kokaram, The linear Monge-Kantorovitch linear colour mapping for example-based colour transfer, CVMP 2007.
    """
    # engine/images/recolour.py has this map in torch for encoded levels; it adds noise to A and B, and clamps nothing.
    root, inverse = _sqrt_and_inverse_sqrt(source.covariance)
    return _affine_map(inverse @ _matrix_sqrt(root @ target.covariance @ root) @ inverse, source, target)


def cholesky(source: Moments, target: Moments) -> LinearMap:
    """Return L_B L_A^-1 of the Cholesky factors (arXiv:1606.05897, section 3.1); it depends on the channel order."""
    lower = _cholesky(source.covariance, NOISE_STD**2)
    upper = np.linalg.solve(lower.T, _cholesky(target.covariance, 0.0).T)
    return _affine_map(upper.T.astype(np.float64), source, target)


def pca(source: Moments, target: Moments) -> LinearMap:
    """Return B^1/2 A^-1/2, roots by eigendecomposition (arXiv:1606.05897, section 3.1, after Image Analogies)."""
    _, inverse = _sqrt_and_inverse_sqrt(source.covariance)
    return _affine_map(_matrix_sqrt(target.covariance) @ inverse, source, target)


def _affine_map(matrix: Matrix, source: Moments, target: Moments) -> LinearMap:
    return LinearMap(matrix, target.mean - matrix @ source.mean)


def _matrix_sqrt(matrix: Matrix) -> Matrix:
    values, vectors = np.linalg.eigh(matrix)
    root: Matrix = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    return root


def _sqrt_and_inverse_sqrt(covariance: Matrix) -> tuple[Matrix, Matrix]:
    """Return a covariance's square root and its inverse, with standard deviations of at least `NOISE_STD`."""
    values, vectors = np.linalg.eigh(covariance)
    spreads = np.sqrt(np.maximum(values, NOISE_STD**2))
    return vectors * spreads @ vectors.T, vectors / spreads @ vectors.T


def _cholesky(covariance: Matrix, min_eigenvalue: float) -> Matrix:
    """Return the lower factor of a covariance, which may be singular; eigenvalues are clamped to ``min_eigenvalue``."""
    values, vectors = np.linalg.eigh(covariance)
    spreads = np.sqrt(np.maximum(values, min_eigenvalue))
    upper: Matrix = np.linalg.qr((vectors * spreads).T).R
    signs = np.where(np.diag(upper) < 0.0, -1.0, 1.0)
    lower: Matrix = (upper * signs[:, None]).T
    return lower
