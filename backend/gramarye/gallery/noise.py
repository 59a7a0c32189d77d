"""Random fields with natural textures: smooth noise, fractal noise, and operations on fields."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

FloatArray = NDArray[np.float32]
"""A float32 array: a field (height, width), or a picture (height, width, 3) with values in 0..1."""


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], scale: tuple[float, float]) -> FloatArray:
    """Return noise (height, width) of mean 0 and deviation 1, with features of ``scale`` (down, across) pixels."""
    rows, columns = (max(int(np.ceil(side / step)) + 5, 6) for side, step in zip(shape, scale, strict=True))
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    y = np.arange(shape[0]) / scale[0] + 1.5 + rng.random()
    x = np.arange(shape[1]) / scale[1] + 1.5 + rng.random()
    field = _interpolate(_interpolate(coarse, y).T, x).T
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), dtype=np.float32)


def fractal_noise(
    rng: np.random.Generator, shape: tuple[int, int], scale: tuple[float, float], octaves: int = 5, gain: float = 0.5
) -> FloatArray:
    """Return smooth noise summed over octaves, of mean 0 and deviation 1.

    Each octave has half the scale and ``gain`` times the amplitude of the previous one. Fractional Brownian motion in
    the sense of Musgrave (Texturing and Modeling, chapter 14).
    """
    field = np.zeros(shape, np.float32)
    for octave in range(octaves):
        shrink = 0.5**octave
        field += np.float32(gain**octave) * smooth_noise(rng, shape, (scale[0] * shrink, scale[1] * shrink))
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), dtype=np.float32)


def gaussian_blur(field: FloatArray, sigma: float | tuple[float, ...]) -> FloatArray:
    """Return the field blurred by a Gaussian; ``sigma`` is in pixels, one value or one per axis."""
    return np.asarray(ndimage.gaussian_filter(field, sigma), dtype=np.float32)


def sample_bilinear(field: FloatArray, y: FloatArray, x: FloatArray) -> FloatArray:
    """Return the field at real-valued positions, bilinear; positions outside take the nearest border value."""
    return np.asarray(ndimage.map_coordinates(field, [y, x], order=1, mode="nearest"), dtype=np.float32)


def smoothstep(low: float, high: float, value: FloatArray) -> FloatArray:
    """Return 0 below ``low``, 1 above ``high``, and a cubic ramp between; decreasing if low > high."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def lerp(one: FloatArray, other: FloatArray, share: FloatArray | float) -> FloatArray:
    """Interpolate linearly from ``one`` to ``other``; ``share`` (0..1) is broadcast."""
    return np.asarray(one + (other - one) * share, dtype=np.float32)


def _interpolate(coarse: FloatArray, positions: NDArray[np.float64]) -> FloatArray:
    """Interpolate the rows of ``coarse`` at real-valued positions by Catmull-Rom splines."""
    base = positions.astype(np.intp)
    t = (positions - base)[:, None]
    weights = (
        -0.5 * t + t**2 - 0.5 * t**3,
        1 - 2.5 * t**2 + 1.5 * t**3,
        0.5 * t + 2 * t**2 - 1.5 * t**3,
        -0.5 * t**2 + 0.5 * t**3,
    )
    rows = [coarse[np.minimum(base + k - 1, len(coarse) - 1)] * weight for k, weight in enumerate(weights)]
    return np.asarray(sum(rows), dtype=np.float32)
