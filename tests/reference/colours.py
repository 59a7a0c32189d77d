"""Colours: transfer functions, moments, linear maps between moments, and the sliced Wasserstein distance."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

Array = NDArray[np.float64]


def linear(encoded: NDArray[Any]) -> Array:
    """sRGB to linear light: IEC 61966-2-1, 5.2."""
    wide = np.asarray(encoded, np.float64)
    return np.where(wide <= 0.04045, wide / 12.92, ((wide + 0.055) / 1.055) ** 2.4)


def encoded(light: NDArray[Any]) -> Array:
    """Linear light to sRGB: IEC 61966-2-1, 5.3."""
    wide = np.asarray(light, np.float64)
    return np.where(wide <= 0.0031308, 12.92 * wide, 1.055 * np.maximum(wide, 0.0) ** (1 / 2.4) - 0.055)


def moments(colours: Array, weights: Array) -> tuple[Array, Array]:
    """Return the weighted mean and covariance of (N, 3) colours, summed pixel by pixel."""
    total = sum(weights)
    mean = sum((w * c for w, c in zip(weights, colours, strict=True)), np.zeros(3)) / total
    parts = (w * np.outer(c - mean, c - mean) for w, c in zip(weights, colours, strict=True))
    return mean, sum(parts, np.zeros((3, 3))) / total


def monge(own: Array, wanted: Array) -> Array:
    """Pitie & Kokaram 2007: A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2."""
    root = scipy.linalg.sqrtm(own)
    inverse = np.linalg.inv(root)
    return np.real(inverse @ scipy.linalg.sqrtm(root @ wanted @ root) @ inverse)


def cholesky(own: Array, wanted: Array) -> Array:
    """arXiv:1606.05897, section 3.1: L_C L_S^-1."""
    return (np.linalg.cholesky(wanted) @ np.linalg.inv(np.linalg.cholesky(own))).astype(np.float64)


def pca(own: Array, wanted: Array) -> Array:
    """arXiv:1606.05897, section 3.1: Sigma_C^1/2 Sigma_S^-1/2."""
    return np.real(scipy.linalg.sqrtm(wanted) @ np.linalg.inv(scipy.linalg.sqrtm(own)))


def sliced_distance(first: Array, second: Array, directions: Array) -> float:
    """Return the mean 1-D Wasserstein distance of two (N, 3) sets over (K, 3) directions, from quantiles."""
    shares = np.linspace(0.0, 1.0, 201)
    distances = [
        np.abs(np.quantile(first @ direction, shares) - np.quantile(second @ direction, shares)).mean()
        for direction in directions
    ]
    return float(np.mean(distances))
