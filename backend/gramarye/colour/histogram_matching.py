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

from .linear_maps import GRAIN
from .srgb import to_linear

Values = NDArray[np.float32]
Weights = NDArray[np.float32]
Matrix = NDArray[np.float64]

TURNS = 12
BINS = 1024
SAMPLE = 1 << 16
"""Pixels of a picture that its histogram is taken from, evenly apart."""

_ROOM = 0.05
"""How far histograms reach beyond the colours that are there."""

_SHARE = 1e-9
"""Of the colours that count as spread over the whole histogram, so that it rises everywhere."""


@dataclass(frozen=True, eq=False)
class SlicedMap:
    """Linear light (..., 3) through one turn after the other; each is a rotation and a table for each of its axes."""

    turns: list[Turn]

    def __call__(self, linear: Matrix) -> Matrix:
        for turn in self.turns:
            linear = turn(linear)
        return linear


@dataclass(frozen=True, eq=False)
class Turn:
    """``rotation`` (3, 3), its rows the axes; ``axes``: where on each what goes."""

    rotation: Matrix
    axes: tuple[Table, Table, Table]

    def __call__(self, linear: Matrix) -> Matrix:
        turned = linear @ self.rotation.T
        for place, table in enumerate(self.axes):
            turned[..., place] = table(turned[..., place])
        back: Matrix = turned @ self.rotation
        return back


@dataclass(frozen=True, eq=False)
class Table:
    """A function of one value, straight between ``moved`` (BINS + 1), its values evenly from ``low`` to ``high``."""

    low: float
    high: float
    moved: Matrix

    def __call__(self, values: Matrix) -> Matrix:
        place = np.clip((values - self.low) * (BINS / (self.high - self.low)), 0.0, BINS)
        index = np.minimum(place.astype(np.intp), BINS - 1)
        place -= index
        rise = np.diff(self.moved)
        found: Matrix = self.moved[index] + place * rise[index]
        return found


def sliced(style: Values, layer: Values, weights: Weights | None = None) -> SlicedMap:
    """The map from a style's colours to a layer's, each (H, W, 3) sRGB; ``weights`` (H, W) are the layer's."""
    own, _ = _sample(style, None)
    wanted, shares = _sample(layer, weights)
    turns = []
    for rotation in rotations(TURNS):
        turn = _turn(own, wanted, shares, rotation)
        own = turn(own)
        turns.append(turn)
    return SlicedMap(turns)


def rotations(count: int) -> list[Matrix]:
    """The first is none; the others turn the axes evenly over all directions.

    Quaternions by Shoemake's Uniform Random Rotations (Graphics Gems III), from an even sequence.
    """
    u, v, w = _even(count, 3).T
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


def _even(count: int, dimensions: int) -> Matrix:
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


def _grain(count: int) -> Matrix:
    """(count, 3) normal deviates of standard deviation `GRAIN`, the same each time (Box & Muller 1958)."""
    points = _even(count, 4)
    radius, angle = np.sqrt(-2.0 * np.log1p(-points[:, :2])), 2.0 * np.pi * points[:, 2:]
    deviates = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return GRAIN * deviates[:, :3]


def _sample(picture: Values, weights: Weights | None) -> tuple[Matrix, Matrix]:
    """Some (N, 3) visible colours in linear light, under grain, and the weight (N,) of each."""
    colours = picture.reshape(-1, 3)
    shares = np.ones(len(colours), np.float32) if weights is None or not weights.any() else weights.reshape(-1)
    seen = np.flatnonzero(shares)
    chosen = seen[np.linspace(0, len(seen) - 1, min(len(seen), SAMPLE)).round().astype(np.intp)]
    return to_linear(colours[chosen].astype(np.float64)) + _grain(len(chosen)), shares[chosen].astype(np.float64)


def _turn(own: Matrix, wanted: Matrix, shares: Matrix, rotation: Matrix) -> Turn:
    mine, theirs = (own @ rotation.T).T, (wanted @ rotation.T).T
    return Turn(
        rotation,
        (
            _matched(mine[0], theirs[0], shares),
            _matched(mine[1], theirs[1], shares),
            _matched(mine[2], theirs[2], shares),
        ),
    )


def _matched(own: Matrix, wanted: Matrix, shares: Matrix) -> Table:
    """Where each must go for ``own`` (N,) to be spread as ``wanted`` (M,) with its shares."""
    low, high = min(own.min(), wanted.min()) - _ROOM, max(own.max(), wanted.max()) + _ROOM
    edges = np.linspace(low, high, BINS + 1)
    moved = np.interp(_cumulative(own, None, edges), _cumulative(wanted, shares, edges), edges)
    return Table(float(low), float(high), moved)


def _cumulative(values: Matrix, shares: Matrix | None, edges: Matrix) -> Matrix:
    """The cumulative histogram at the edges, 0 to 1, rising everywhere."""
    counts, _ = np.histogram(values, bins=edges, weights=shares)
    rising: Matrix = np.concatenate([[0.0], np.cumsum(counts / counts.sum() + _SHARE / BINS)])
    rising /= rising[-1]
    return rising
