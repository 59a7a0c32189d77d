"""Sliced histogram matching: maps the distribution of a style's colours to that of the layer's.

Each iteration rotates the colours, matches the cumulative histogram of each axis, and rotates back (Pitie, Kokaram &
Dahyot, Automated colour grading using colour distribution transfer, CVIU 107, 2007). The rotations are fixed, so the
result is deterministic. Gaussian noise from the same sequence is added to the samples of both pictures before the first
iteration: it keeps faint variation of a style from being amplified, and leaves equal distributions unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .linear_maps import NOISE_STD
from .srgb import to_linear

Values = NDArray[np.float32]
Weights = NDArray[np.float32]
Matrix = NDArray[np.float64]

ROTATION_COUNT = 12
BINS = 1024
MAX_SAMPLES = 1 << 16
"""Maximum number of pixels sampled from a picture, evenly spaced."""

_RANGE_MARGIN = 0.05
"""How far the histograms extend beyond the range of the samples."""

_UNIFORM_FRACTION = 1e-9
"""Fraction of the samples spread evenly over the histogram, so that its cumulative sum increases strictly."""


@dataclass(frozen=True, eq=False)
class SlicedMap:
    """Applies the iterations in turn to linear RGB colours (..., 3)."""

    rotation_steps: list[RotationStep]

    def __call__(self, linear: Matrix) -> Matrix:
        for step in self.rotation_steps:
            linear = step(linear)
        return linear


@dataclass(frozen=True, eq=False)
class RotationStep:
    """One iteration: ``rotation`` (3, 3), whose rows are the axes, and a lookup table for each axis."""

    rotation: Matrix
    tables: tuple[LookupTable, LookupTable, LookupTable]

    def __call__(self, linear: Matrix) -> Matrix:
        turned = linear @ self.rotation.T
        for place, table in enumerate(self.tables):
            turned[..., place] = table(turned[..., place])
        back: Matrix = turned @ self.rotation
        return back


@dataclass(frozen=True, eq=False)
class LookupTable:
    """A piecewise linear function: ``outputs`` (BINS + 1,) are its values at even steps from ``low`` to ``high``."""

    low: float
    high: float
    outputs: Matrix

    def __call__(self, values: Matrix) -> Matrix:
        place = np.clip((values - self.low) * (BINS / (self.high - self.low)), 0.0, BINS)
        index = np.minimum(place.astype(np.intp), BINS - 1)
        place -= index
        rise = np.diff(self.outputs)
        found: Matrix = self.outputs[index] + place * rise[index]
        return found


def sliced_histogram_map(style: Values, layer: Values, weights: Weights | None = None) -> SlicedMap:
    """Return the map from a style's colours to a layer's, each (H, W, 3) sRGB; ``weights`` (H, W) are the layer's."""
    source, _ = _sample(style, None)
    target, sample_weights = _sample(layer, weights)
    rotation_steps = []
    for rotation in rotations(ROTATION_COUNT):
        step = _match_axes(source, target, sample_weights, rotation)
        source = step(source)
        rotation_steps.append(step)
    return SlicedMap(rotation_steps)


def rotations(count: int) -> list[Matrix]:
    """Return ``count`` rotation matrices (3, 3), evenly distributed; the first is the identity.

    Shoemake's Uniform Random Rotations (Graphics Gems III), with quasirandom instead of random numbers.
    """
    u, v, w = _quasirandom_points(count, 3).T
    a, b, c = u, 2.0 * np.pi * v, 2.0 * np.pi * w
    x, y = np.sqrt(1.0 - a) * np.sin(b), np.sqrt(1.0 - a) * np.cos(b)
    z, s = np.sqrt(a) * np.sin(c), np.sqrt(a) * np.cos(c)
    turned = np.array(
        [
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * s), 2.0 * (x * z + y * s)],
            [2.0 * (x * y + z * s), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * s)],
            [2.0 * (x * z - y * s), 2.0 * (y * z + x * s), 1.0 - 2.0 * (x * x + y * y)],
        ]
    )
    return [np.eye(3), *np.moveaxis(turned, 2, 0)[1:]]


def _quasirandom_points(count: int, dimensions: int) -> Matrix:
    """Return (count, dimensions) points that fill the unit cube evenly.

    Roberts' sequence (The unreasonable effectiveness of quasirandom sequences, 2018): the fractional parts of multiples
    of the powers of 1 / g, where g^(d + 1) = g + 1.
    """
    root = 1.5
    for _ in range(40):  # converges to the last bit
        root = (1.0 + root) ** (1.0 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    points: Matrix = (0.5 + np.arange(count)[:, None] * steps) % 1.0
    return points


def _gaussian_noise(count: int) -> Matrix:
    """Return (count, 3) Gaussian deviates of standard deviation `NOISE_STD`, deterministic (Box & Muller 1958)."""
    points = _quasirandom_points(count, 4)
    radius, angle = np.sqrt(-2.0 * np.log1p(-points[:, :2])), 2.0 * np.pi * points[:, 2:]
    deviates = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return NOISE_STD * deviates[:, :3]


def _sample(picture: Values, weights: Weights | None) -> tuple[Matrix, Matrix]:
    """Return up to `MAX_SAMPLES` visible colours (N, 3) in linear light with noise added, and their weights (N,)."""
    colours = picture.reshape(-1, 3)
    sample_weights = np.ones(len(colours), np.float32) if weights is None or not weights.any() else weights.reshape(-1)
    seen = np.flatnonzero(sample_weights)
    chosen = seen[np.linspace(0, len(seen) - 1, min(len(seen), MAX_SAMPLES)).round().astype(np.intp)]
    return to_linear(colours[chosen].astype(np.float64)) + _gaussian_noise(len(chosen)), sample_weights[chosen].astype(
        np.float64
    )


def _match_axes(source: Matrix, target: Matrix, sample_weights: Matrix, rotation: Matrix) -> RotationStep:
    source_values, target_values = (source @ rotation.T).T, (target @ rotation.T).T
    return RotationStep(
        rotation,
        (
            _match_axis(source_values[0], target_values[0], sample_weights),
            _match_axis(source_values[1], target_values[1], sample_weights),
            _match_axis(source_values[2], target_values[2], sample_weights),
        ),
    )


def _match_axis(source: Matrix, target: Matrix, sample_weights: Matrix) -> LookupTable:
    """Return the map from the distribution of ``source`` (N,) to that of ``target`` (M,), weighted."""
    low, high = min(source.min(), target.min()) - _RANGE_MARGIN, max(source.max(), target.max()) + _RANGE_MARGIN
    edges = np.linspace(low, high, BINS + 1)
    outputs = np.interp(_cdf(source, None, edges), _cdf(target, sample_weights, edges), edges)
    return LookupTable(float(low), float(high), outputs)


def _cdf(values: Matrix, sample_weights: Matrix | None, edges: Matrix) -> Matrix:
    """Return the cumulative histogram at the edges, strictly increasing from 0 to 1."""
    counts, _ = np.histogram(values, bins=edges, weights=sample_weights)
    rising: Matrix = np.concatenate([[0.0], np.cumsum(counts / counts.sum() + _UNIFORM_FRACTION / BINS)])
    rising /= rising[-1]
    return rising
