"""Style statistics: second-order statistics of features over their positions (Gram, covariance, moments).

The Gram matrix is that of Gatys, Ecker & Bethge, arXiv:1508.06576, equation 3, but divided by the number of positions
M, so that pictures of different sizes compare. Each statistic is computed in two steps: sums over positions, then the
matrix of the sums. Sums of tiles add up to the sums of the whole picture. A position with weight w counts w times, and
M is then the sum of the weights.

Gradients w.r.t. the features are written out. They need only the features and the gradient w.r.t. the sums, so no
intermediate tensor is kept in memory until all tiles are summed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ..numeric.precision import widen

FLOAT32_RUN = 512
"""Positions per float32 partial sum; a single sum over a whole picture would lose five digits."""

BFLOAT16_RUN = 2048
"""Positions per partial sum of bfloat16 rows, which the device multiplies with float32 accumulation."""

RUNS_PER_BLOCK = 64
"""Runs converted to float32 at a time, where features are narrower: about what a CPU cache holds."""


class Sums(Protocol):
    """`Statistic.sums` as a function."""

    def __call__(self, features: Tensor, weight: Tensor | None = None, /) -> Tensor: ...


class Backward(Protocol):
    """`Statistic.backward` as a function."""

    def __call__(
        self, features: Tensor, sums_gradient: Tensor, weight: Tensor | None = None, onto: Tensor | None = None, /
    ) -> Tensor: ...


class Statistic(Protocol):
    """A statistic of features (1, C, H, W) that is a function of sums over their positions."""

    def sums(self, features: Tensor, weight: Tensor | None = None, /) -> Tensor:
        """Return the sums over positions; ``weight`` (1, 1, H, W) is how often each position counts (default: once)."""

    def backward(
        self, features: Tensor, sums_gradient: Tensor, weight: Tensor | None = None, onto: Tensor | None = None, /
    ) -> Tensor:
        """Backward pass of `sums`: return the gradient w.r.t. the features, given the gradient w.r.t. the sums.

        If ``onto`` is given, the gradient is added to it in place and ``onto`` is returned.
        """

    def matrix(self, sums: Tensor, positions: float, /) -> Tensor:
        """Return the statistic for the sums over ``positions`` positions (or over weights of that sum)."""


@dataclass(frozen=True)
class SecondOrderStatistic:
    """A `Statistic` made of three functions; its matrix is (C, C) and symmetric, or (C + 1, C) with the means below."""

    sums: Sums
    backward: Backward
    matrix: Callable[[Tensor, float], Tensor]

    def __call__(self, features: Tensor) -> Tensor:
        """Return the statistic of a whole picture's features."""
        return self.matrix(self.sums(features), features.shape[2] * features.shape[3])


def _rows(features: Tensor) -> Tensor:
    """Return F^T (M, C): one row of C numbers per position."""
    return features.flatten(2).squeeze(0).T


def _gram_sums(features: Tensor, weight: Tensor | None = None, /) -> Tensor:
    """Return R^T W R of rows R (M, C) and the diagonal of weights W (or 1), summed in runs in float32 or wider."""
    rows = _rows(features)
    if weight is not None:
        parts = zip(
            torch.split(rows, RUNS_PER_BLOCK * FLOAT32_RUN),
            torch.split(_rows(weight), RUNS_PER_BLOCK * FLOAT32_RUN),
            strict=True,
        )
        return torch.stack([_by_runs(widen(p) * widen(w).sqrt(), FLOAT32_RUN, _wide_product) for p, w in parts]).sum(
            dim=0
        )
    if rows.dtype == torch.bfloat16 and rows.device.type in _NARROW_PRODUCTS:
        return _by_runs(rows, BFLOAT16_RUN, _NARROW_PRODUCTS[rows.device.type])
    whole = [rows] if rows.dtype == widen(rows[:0]).dtype else torch.split(rows, RUNS_PER_BLOCK * FLOAT32_RUN)
    return torch.stack([_by_runs(widen(part), FLOAT32_RUN, _wide_product) for part in whole]).sum(dim=0)


def _gram_backward(
    features: Tensor, sums_gradient: Tensor, weight: Tensor | None = None, onto: Tensor | None = None, /
) -> Tensor:
    """Return W R (D + D^T), with D the gradient w.r.t. the sums: one matrix product."""
    rows = _rows(features)
    if onto is None or weight is not None:
        return _weighted_onto(_as_features(rows @ _symmetrised(sums_gradient, rows), features), weight, onto)
    into = _rows(onto)
    into.addmm_(rows, _symmetrised(sums_gradient, rows))
    is_view = into.data_ptr() == onto.data_ptr()
    return onto if is_view else onto.copy_(_as_features(into, features))


def _gram_matrix(sums: Tensor, positions: float) -> Tensor:
    return sums / positions


def _covariance_sums(features: Tensor, weight: Tensor | None = None, /) -> Tensor:
    """Return (C + 1, C): the sums of the Gram matrix, and below them the sums of the features."""
    if weight is None:
        totals = torch.sum(features, dim=(2, 3), dtype=torch.promote_types(features.dtype, torch.float32))
    else:
        totals = (widen(features) * widen(weight)).sum(dim=(2, 3))
    return torch.cat([_gram_sums(features, weight), totals])


def _covariance_backward(
    features: Tensor, sums_gradient: Tensor, weight: Tensor | None = None, onto: Tensor | None = None, /
) -> Tensor:
    rows = _rows(features)
    by_position = torch.addmm(sums_gradient[-1].to(rows), rows, _symmetrised(sums_gradient[:-1], rows))
    return _weighted_onto(_as_features(by_position, features), weight, onto)


def _covariance_matrix(sums: Tensor, positions: float) -> Tensor:
    mean = sums[-1] / positions
    return sums[:-1] / positions - torch.outer(mean, mean)


def _moment_matrix(sums: Tensor, positions: float) -> Tensor:
    """Return (C + 1, C): the covariance, and below it the means."""
    mean = sums[-1:] / positions
    return torch.cat([sums[:-1] / positions - mean.T @ mean, mean])


gram = SecondOrderStatistic(_gram_sums, _gram_backward, _gram_matrix)
"""Gram matrix F F^T / M, with F in R^{C x M}."""

covariance = SecondOrderStatistic(_covariance_sums, _covariance_backward, _covariance_matrix)
"""Covariance over positions: the Gram matrix of F minus the mean of each channel, so that mean colour is ignored."""

moments = SecondOrderStatistic(_covariance_sums, _covariance_backward, _moment_matrix)
"""Covariance, and below it the mean of each channel, (C + 1, C): texture and mean colour are matched separately.

The Gram matrix is the covariance plus the outer product of the mean with itself, so an excess of one can compensate
for a lack of the other: results are washed out in some places and over-contrasted in others (Risser, Wilmot & Barnes,
arXiv:1701.08893). Separate targets prevent this. SPST (arXiv:2212.13459) matches means and deviations of convolutional
features beside their Gram matrix.
"""

STATISTICS: Mapping[str, SecondOrderStatistic] = {"gram": gram, "covariance": covariance, "moments": moments}
"""The statistics by their name in a recipe."""


def _symmetrised(sums_gradient: Tensor, rows: Tensor) -> Tensor:
    """Return D + D^T in the dtype of the rows."""
    return torch.add(sums_gradient, sums_gradient.T, out=rows.new_empty(sums_gradient.shape))


def _as_features(by_position: Tensor, features: Tensor) -> Tensor:
    """Reshape gradients (M, C) to the layout of the features, (1, C, H, W)."""
    _, channels, height, width = features.shape
    return by_position.view(1, height, width, channels).permute(0, 3, 1, 2)


def _weighted_onto(gradient: Tensor, weight: Tensor | None, onto: Tensor | None) -> Tensor:
    """Multiply a gradient by the weight of each position, in place, and add it to ``onto`` if given."""
    if weight is not None:
        gradient.mul_(weight.to(gradient))
    return gradient if onto is None else onto.add_(gradient)


def _by_runs(rows: Tensor, run: int, product: Callable[[Tensor], Tensor]) -> Tensor:
    """Return R^T R of rows (M, C), summed over runs of ``run`` rows and the remainder.

    ``product`` maps runs (N, M', C) to the sum of their products, (C, C).
    """
    whole = rows.shape[0] // run * run
    parts = [rows[:whole].view(whole // run, run, rows.shape[1]), rows[whole:][None]]
    products = [product(part) for part in parts if part.numel()]
    return products[0] + products[1] if len(products) == 2 else products[0]


def _wide_product(runs: Tensor) -> Tensor:
    return (runs.mT @ runs).sum(dim=0)


def _narrow_product(runs: Tensor) -> Tensor:
    """Products of bfloat16 rows to float32 precision, from two bfloat16 matrix products.

    Each product is accumulated in float32 and rounded once. The second one computes what the rounding of the first
    has lost.
    """
    rounded = torch.bmm(runs.mT, runs)
    lost = torch.baddbmm(rounded, runs.mT, runs, beta=-1)
    return rounded.sum(dim=0, dtype=torch.float32) + lost.sum(dim=0, dtype=torch.float32)


def _unrounded_product(runs: Tensor) -> Tensor:
    """The same for devices that can return the float32 accumulator of a bfloat16 product."""
    return torch.bmm(runs.mT, runs, out_dtype=torch.float32).sum(dim=0)


_NARROW_PRODUCTS = {"cpu": _narrow_product, "cuda": _unrounded_product}
"""Products of bfloat16 rows by device type; on other devices the rows are converted to float32 first."""
