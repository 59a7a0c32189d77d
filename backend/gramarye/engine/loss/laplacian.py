"""The Laplacian term keeps fine edges: it compares the Laplacian of the painting with the content's at two scales.

Li, Xu, Nie & Chua, "Laplacian-Steered Neural Style Transfer", arXiv:1707.01253. Pixels are averaged over windows of
4 x 4 (thin lines) and 16 x 16 (contours), the channels are added, and each position is compared with its four
neighbours. Uniform colour shifts and linear changes of brightness cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ..numeric.blocked import inner_product

POOLS = (4, 16)
"""Sides of the averaging windows in pixels, as in the paper."""

MIN_ENERGY = 1.0
"""Least energy per value, in squared levels of 255, that a relative difference is divided by."""


@dataclass(frozen=True, eq=False)
class LaplacianTarget:
    """The desired Laplacian (1, 1, H', W') after averaging over ``pool``, and the factor of the squared differences."""

    pool: int
    value: Tensor
    factor: float


@dataclass(frozen=True, eq=False)
class LaplacianTerm:
    """sum_p k_p sum (D(x_p) - D(c_p))^2 over pools p, for painting x and content c.

    sum:      k = 1/2
    mean:     the mean of squares, as in the authors' code
    relative: each pool divided by sum D(c_p)^2, then the mean over pools

    Next to a style weight of 1000 under "relative", a weight of 10 recovers outlines and 50 places every line where it
    was; more breaks up broad strokes and slows the optimiser down. The authors use 100 under "mean".

    If the picture's size is not a multiple of a pool, the last rows and columns are ignored. The outermost windows
    enter only as neighbours, so that the border of the picture is not an edge. The margin of the default recipe is one
    such window (16 pixels).
    """

    targets: Sequence[LaplacianTarget]

    def add_gradient(self, x: Tensor, weight: float, gradient: Tensor) -> Tensor:
        """See `PixelTerm`. Written out in place, so that no tensor of the picture's size is allocated."""
        values = []
        for targets in self.targets:
            difference = laplacian(average_windows(x, targets.pool)) - targets.value
            factor = weight * targets.factor
            _add_to_windows(
                _laplacian_transpose(difference).mul_(2.0 * factor / targets.pool**2), targets.pool, gradient
            )
            values.append(factor * inner_product(difference, difference))
        return torch.cat(values).sum(dim=0, keepdim=True)


def build_laplacian_term(content: Tensor, normalisation: str) -> LaplacianTerm:
    """Return the term for the content's centred pixels (1, 3, H, W), without pools of fewer than 3 windows a side."""
    pools = [pool for pool in POOLS if min(content.shape[2:]) >= 3 * pool]
    targets = []
    for pool in pools:
        value = laplacian(average_windows(content, pool))
        targets.append(
            LaplacianTarget(
                pool, value, _factor(normalisation, value) / (len(pools) if normalisation == "relative" else 1)
            )
        )
    return LaplacianTerm(targets)


def average_windows(x: Tensor, pool: int) -> Tensor:
    """(1, 3, H, W) -> (1, 1, H // pool, W // pool): means over whole windows, summed over channels."""
    return functional.avg_pool2d(x, pool).sum(dim=1, keepdim=True)


def laplacian(x: Tensor) -> Tensor:
    """(1, 1, h, w) -> (1, 1, h - 2, w - 2): four times each inner value minus its four neighbours."""
    inner = 4.0 * x[:, :, 1:-1, 1:-1]
    return inner - x[:, :, :-2, 1:-1] - x[:, :, 2:, 1:-1] - x[:, :, 1:-1, :-2] - x[:, :, 1:-1, 2:]


def _laplacian_transpose(difference: Tensor) -> Tensor:
    """The transpose of `laplacian`: (1, 1, h - 2, w - 2) -> (1, 1, h, w)."""
    height, width = difference.shape[2:]
    returned = difference.new_zeros((1, 1, height + 2, width + 2))
    for row, column, share in ((1, 1, 4.0), (0, 1, -1.0), (2, 1, -1.0), (1, 0, -1.0), (1, 2, -1.0)):
        returned[:, :, row : row + height, column : column + width].add_(difference, alpha=share)
    return returned


def _add_to_windows(values: Tensor, pool: int, gradient: Tensor) -> None:
    """Add each of (1, 1, h, w) to all channels of its window of ``gradient`` (1, 3, H, W), in place."""
    height, width = values.shape[2:]
    whole = gradient[:, :, : height * pool, : width * pool]
    windows = whole.view(*gradient.shape[:2], height, pool, width, pool)
    windows.add_(values[:, :, :, None, :, None])


def _factor(normalisation: str, value: Tensor) -> float:
    if normalisation == "sum":
        return 0.5
    if normalisation == "mean":
        return 1.0 / value.numel()
    return 1.0 / max(float(value.double().square().sum()), MIN_ENERGY * value.numel())
