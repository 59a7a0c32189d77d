"""Random fields that look like nature: smooth noise, and sums of it over octaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

FloatArray = NDArray[np.float32]
"""Any array of 32-bit floats: a field (height, width), or a picture (height, width, 3) with values 0..1."""


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], scale: tuple[float, float]) -> FloatArray:
    """Noise (height, width), zero mean, unit deviation, whose features are ``scale`` (down, across) pixels large."""
    rows, columns = (max(int(np.ceil(side / step)) + 5, 6) for side, step in zip(shape, scale, strict=True))
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    y = np.arange(shape[0]) / scale[0] + 1.5 + rng.random()
    x = np.arange(shape[1]) / scale[1] + 1.5 + rng.random()
    field = _interpolate(_interpolate(coarse, y).T, x).T
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), dtype=np.float32)


def fractal_noise(
    rng: np.random.Generator, shape: tuple[int, int], scale: tuple[float, float], octaves: int = 5, gain: float = 0.5
) -> FloatArray:
    """Smooth noise summed over octaves, each half as large and ``gain`` times as strong; zero mean, unit deviation.

    Fractional Brownian motion in the sense of Musgrave (Texturing and Modeling, chapter 14).
    """
    field = np.zeros(shape, np.float32)
    for octave in range(octaves):
        shrink = 0.5**octave
        field += np.float32(gain**octave) * smooth_noise(rng, shape, (scale[0] * shrink, scale[1] * shrink))
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), dtype=np.float32)


def gaussian_blur(field: FloatArray, sigma: float | tuple[float, ...]) -> FloatArray:
    """Gaussian blur; one sigma in pixels, or one per axis."""
    return np.asarray(ndimage.gaussian_filter(field, sigma), dtype=np.float32)


def sample_bilinear(field: FloatArray, y: FloatArray, x: FloatArray) -> FloatArray:
    """The field's values at real-valued positions, bilinear; positions outside take the border's value."""
    return np.asarray(ndimage.map_coordinates(field, [y, x], order=1, mode="nearest"), dtype=np.float32)


def smoothstep(low: float, high: float, value: FloatArray) -> FloatArray:
    """0 below ``low``, 1 above ``high``, a smooth ramp between (falls where low > high)."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def lerp(one: FloatArray, other: FloatArray, share: FloatArray | float) -> FloatArray:
    """``one`` with ``share`` (0..1, broadcast) of ``other`` in it."""
    return np.asarray(one + (other - one) * share, dtype=np.float32)


def _interpolate(coarse: FloatArray, positions: NDArray[np.float64]) -> FloatArray:
    """Rows of ``coarse`` at real-valued positions, by cubic Catmull-Rom weights."""
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
