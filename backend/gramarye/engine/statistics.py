"""What a style is measured by: second-order statistics of features over their positions.

Gatys, Ecker & Bethge, arXiv:1508.06576, equation 3. Unlike there, sums over positions are divided by their
number M, so that pictures of different sizes compare. Each comes in two steps, sums over positions and the matrix
of the sums: those of a picture's tiles add up to the picture's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

RUN = 512
"""Positions multiplied and summed at a time: one float32 sum over a whole picture would lose five digits."""


@dataclass(frozen=True)
class Statistic:
    """Features (1, C, H, W) -> ``sums`` over their positions -> the symmetric ``matrix`` (C, C) for M positions."""

    sums: Callable[[Tensor], Tensor]
    matrix: Callable[[Tensor, int], Tensor]

    def __call__(self, features: Tensor) -> Tensor:
        """The statistic of a whole picture's features."""
        return self.matrix(self.sums(features), features.shape[2] * features.shape[3])


def _rows(features: Tensor) -> Tensor:
    """F^T: one row of C numbers per position."""
    return features.flatten(2)[0].T


def _gram_sums(features: Tensor) -> Tensor:
    product: Tensor = _Product.apply(_rows(features))  # type: ignore[no-untyped-call]  # torch leaves `apply` untyped
    return product


def _gram_matrix(sums: Tensor, positions: int) -> Tensor:
    return sums / positions


def _covariance_sums(features: Tensor) -> Tensor:
    """(C + 1, C): the Gram matrix' sums, and below them the features' own."""
    return torch.cat([_gram_sums(features), features.sum(dim=(2, 3))])


def _covariance_matrix(sums: Tensor, positions: int) -> Tensor:
    mean = sums[-1] / positions
    return sums[:-1] / positions - torch.outer(mean, mean)


gram = Statistic(_gram_sums, _gram_matrix)
"""Gram matrix F F^T / M, with F in R^{C x M}."""

covariance = Statistic(_covariance_sums, _covariance_matrix)
"""The Gram matrix of F less each channel's mean over positions: colour's average does not count."""

STATISTICS: Mapping[str, Statistic] = {"gram": gram, "covariance": covariance}
"""By the name that a recipe gives."""


class _Product(Function):
    """R^T R of rows R (M, C), summed run by run; its derivative R (D + D^T) is one product, not two."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        whole = rows.shape[0] // RUN * RUN
        runs, rest = rows[:whole].view(whole // RUN, RUN, rows.shape[1]), rows[whole:]
        product: Tensor = (runs.mT @ runs).sum(dim=0) + rest.T @ rest
        return product

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Tensor:
        (rows,) = ctx.saved_tensors
        gradient: Tensor = rows @ (upstream[0] + upstream[0].T)
        return gradient
