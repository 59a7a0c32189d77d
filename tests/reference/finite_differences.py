"""Derivatives by central differences, exact up to rounding for the losses of a ReLU network.

A network is affine between the kinks of its ReLUs and poolings, so along a line every loss here is a polynomial of
degree 4 at most. The five-point central difference is exact for these, provided that the five points lie in one affine
piece. Pieces are convex, so it is enough that both ends lie in the same one.
"""

from collections.abc import Callable

import numpy as np

from reference import layers
from reference.arrays import Array, Network
from reference.vgg import forward


def derivative(function: Callable[[Array], float], x: Array, direction: Array, step: float) -> float:
    """(f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12h along `direction` (Abramowitz & Stegun, table 25.2)."""
    near = function(x + step * direction) - function(x - step * direction)
    far = function(x + 2 * step * direction) - function(x - 2 * step * direction)
    return (8.0 * near - far) / (12.0 * step)


def smooth_step(network: Network, x: Array, direction: Array, depth: str, longest: float = 1.0) -> float:
    """Return the largest step longest / 4^n whose five points lie in one affine piece. Raises ValueError below 1e-7."""
    step = longest
    while step >= 1e-7:
        ends = [_branches(network, x + side * step * direction, depth) for side in (-2.0, 2.0)]
        if ends[0] == ends[1]:
            return step
        step /= 4.0
    raise ValueError("x lies on a kink of the network: no smooth step along this direction")


def _branches(network: Network, x: Array, depth: str) -> list[bytes]:
    """Return the branch taken by each ReLU and each pooling window."""
    taps = forward(network, x, depth)
    names = list(taps)
    below = dict(zip(names[1:], names, strict=False))
    relus = [np.packbits(taps[below[n]] > 0.0).tobytes() for n in names if n.startswith("relu")]
    pools = [layers.max_positions(taps[below[n]]).tobytes() for n in names if n.startswith("pool")]
    return relus + pools
