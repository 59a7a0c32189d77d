"""A style's whole distribution of colours brought to the layer's: sliced histogram matching.

The colours are turned to other axes, matched on each by their cumulative histograms, turned back, and again (Pitie,
Kokaram & Dahyot, Automated colour grading using colour distribution transfer, CVIU 107, 2007). The turns are fixed, so
that the same pictures give the same colours. Both sides are measured under the same fine grain, which goes through all
the turns with them: what a style hardly has is not magnified, and equal distributions are left alone.
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
"""Pixels of a picture that its histogram is taken from, evenly apart."""

_RANGE_MARGIN = 0.05
"""How far histograms reach beyond the colours that are there."""

_UNIFORM_FRACTION = 1e-9
"""Of the colours that count as spread over the whole histogram, so that it rises everywhere."""


@dataclass(frozen=True, eq=False)
class SlicedMap:
    """Linear light (..., 3) through one turn after the other; each is a rotation and a table for each of its axes."""

    rotation_steps: list[RotationStep]

    def __call__(self, linear: Matrix) -> Matrix:
        for step in self.rotation_steps:
            linear = step(linear)
        return linear


@dataclass(frozen=True, eq=False)
class RotationStep:
    """``rotation`` (3, 3), its rows the axes; ``tables``: where on each what goes."""

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
    """A function of one value, straight between ``outputs`` (BINS + 1), its values evenly from ``low`` to ``high``."""

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
    """The map from a style's colours to a layer's, each (H, W, 3) sRGB; ``weights`` (H, W) are the layer's."""
    source, _ = _sample(style, None)
    target, sample_weights = _sample(layer, weights)
    rotation_steps = []
    for rotation in rotations(ROTATION_COUNT):
        step = _match_axes(source, target, sample_weights, rotation)
        source = step(source)
        rotation_steps.append(step)
    return SlicedMap(rotation_steps)


def rotations(count: int) -> list[Matrix]:
    """The first is none; the others turn the axes evenly over all directions.

    Quaternions by Shoemake's Uniform Random Rotations (Graphics Gems III), from an even sequence.
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
    """(count, dimensions) points that fill the unit cube evenly.

    Roberts' sequence (The unreasonable effectiveness of quasirandom sequences, 2018): multiples, less their whole
    of the powers of 1 / g, where g^(d + 1) = g + 1.
    """
    root = 1.5
    for _ in range(40):  # the fixed point, to the last bit
        root = (1.0 + root) ** (1.0 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    points: Matrix = (0.5 + np.arange(count)[:, None] * steps) % 1.0
    return points


def _gaussian_noise(count: int) -> Matrix:
    """(count, 3) normal deviates of standard deviation `NOISE_STD`, the same each time (Box & Muller 1958)."""
    points = _quasirandom_points(count, 4)
    radius, angle = np.sqrt(-2.0 * np.log1p(-points[:, :2])), 2.0 * np.pi * points[:, 2:]
    deviates = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return NOISE_STD * deviates[:, :3]


def _sample(picture: Values, weights: Weights | None) -> tuple[Matrix, Matrix]:
    """Some (N, 3) visible colours in linear light, under grain, and the weight (N,) of each."""
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
    """Where each must go for ``source`` (N,) to be spread as ``target`` (M,) with its shares."""
    low, high = min(source.min(), target.min()) - _RANGE_MARGIN, max(source.max(), target.max()) + _RANGE_MARGIN
    edges = np.linspace(low, high, BINS + 1)
    outputs = np.interp(_cdf(source, None, edges), _cdf(target, sample_weights, edges), edges)
    return LookupTable(float(low), float(high), outputs)


def _cdf(values: Matrix, sample_weights: Matrix | None, edges: Matrix) -> Matrix:
    """The cumulative histogram at the edges, 0 to 1, rising everywhere."""
    counts, _ = np.histogram(values, bins=edges, weights=sample_weights)
    rising: Matrix = np.concatenate([[0.0], np.cumsum(counts / counts.sum() + _UNIFORM_FRACTION / BINS)])
    rising /= rising[-1]
    return rising
