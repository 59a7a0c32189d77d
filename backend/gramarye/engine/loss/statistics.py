"""What a style is measured by: second-order statistics of features over their positions.

Gatys, Ecker & Bethge, arXiv:1508.06576, equation 3. Unlike there, sums over positions are divided by their
number M, so that pictures of different sizes compare. Each comes in two steps, sums over positions and the matrix
of the sums: those of a picture's tiles add up to the picture's. Where positions have weights, each counts as often as
its weight says, and M is the sum of the weights. Derivatives by features are written out: each needs the features
themselves and what is known of the sums once all of them are added up, so that nothing between waits in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ..numeric.precision import widen

FLOAT32_RUN = 512
"""Positions multiplied and summed at a time: one float32 sum over a whole picture would lose five digits."""

BFLOAT16_RUN = 2048
"""The same for bfloat16 rows, which the processor multiplies, and sums in float32, itself."""

RUNS_PER_BLOCK = 64
"""How many of them are widened at a time, where features are narrower than float32: what a cache holds."""


class Sums(Protocol):
    """Features (1, C, H, W), and perhaps the weight (1, 1, H, W) of each position -> sums over the positions."""

    def __call__(self, features: Tensor, weight: Tensor | None = None, /) -> Tensor: ...


class Backward(Protocol):
    """The derivative by the features of what has the derivative ``sums_gradient`` by their sums.

    It is added ``onto`` a tensor, which is returned, or a new one.
    """

    def __call__(
        self, features: Tensor, sums_gradient: Tensor, weight: Tensor | None = None, onto: Tensor | None = None, /
    ) -> Tensor: ...


@dataclass(frozen=True)
class Statistic:
    """Features (1, C, H, W) -> ``sums`` over their positions -> the symmetric ``matrix`` (C, C) for M positions.

    ``backward`` leads back from the sums to the features.
    """

    sums: Sums
    backward: Backward
    matrix: Callable[[Tensor, float], Tensor]

    def __call__(self, features: Tensor) -> Tensor:
        """The statistic of a whole picture's features."""
        return self.matrix(self.sums(features), features.shape[2] * features.shape[3])


def _rows(features: Tensor) -> Tensor:
    """F^T: one row of C numbers per position."""
    return features.flatten(2).squeeze(0).T


def _gram_sums(features: Tensor, weight: Tensor | None = None, /) -> Tensor:
    """R^T W R of rows R (M, C) with weights W (M, 1) or none, summed run by run in float32 or wider."""
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
    """W R (D + D^T): one product."""
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
    """(C + 1, C): the Gram matrix' sums, and below them the features' own."""
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


gram = Statistic(_gram_sums, _gram_backward, _gram_matrix)
"""Gram matrix F F^T / M, with F in R^{C x M}."""

covariance = Statistic(_covariance_sums, _covariance_backward, _covariance_matrix)
"""The Gram matrix of F less each channel's mean over positions: colour's average does not count."""


def _symmetrised(sums_gradient: Tensor, rows: Tensor) -> Tensor:
    """D + D^T in the format of the rows."""
    return torch.add(sums_gradient, sums_gradient.T, out=rows.new_empty(sums_gradient.shape))


def _as_features(by_position: Tensor, features: Tensor) -> Tensor:
    """Derivatives (M, C) as features have them: (1, C, H, W)."""
    _, channels, height, width = features.shape
    return by_position.view(1, height, width, channels).permute(0, 3, 1, 2)


def _weighted_onto(gradient: Tensor, weight: Tensor | None, onto: Tensor | None) -> Tensor:
    """A gradient, which is changed, times each position's weight, and added ``onto``."""
    if weight is not None:
        gradient.mul_(weight.to(gradient))
    return gradient if onto is None else onto.add_(gradient)


def _by_runs(rows: Tensor, run: int, product: Callable[[Tensor], Tensor]) -> Tensor:
    """The sum over runs of rows (M, C), and the rest, of R^T R as ``product`` finds it for some runs (runs, M', C)."""
    whole = rows.shape[0] // run * run
    parts = [rows[:whole].view(whole // run, run, rows.shape[1]), rows[whole:][None]]
    products = [product(part) for part in parts if part.numel()]
    return products[0] + products[1] if len(products) == 2 else products[0]


def _wide_product(runs: Tensor) -> Tensor:
    return (runs.mT @ runs).sum(dim=0)


def _narrow_product(runs: Tensor) -> Tensor:
    """Of bfloat16 rows, to float32's precision by two products in bfloat16: what the first's rounding has lost is the
    second's result, for each is summed in float32 before it is rounded once."""
    rounded = torch.bmm(runs.mT, runs)
    lost = torch.baddbmm(rounded, runs.mT, runs, beta=-1)
    return rounded.sum(dim=0, dtype=torch.float32) + lost.sum(dim=0, dtype=torch.float32)


def _unrounded_product(runs: Tensor) -> Tensor:
    """The same where a product of bfloat16 can be had as it is summed, in float32."""
    return torch.bmm(runs.mT, runs, out_dtype=torch.float32).sum(dim=0)


_NARROW_PRODUCTS = {"cpu": _narrow_product, "cuda": _unrounded_product}
"""By the kinds of device that multiply bfloat16 in float32's precision: others have it widened before."""
