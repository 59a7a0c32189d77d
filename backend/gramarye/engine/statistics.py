"""What a style is measured by: second-order statistics of features over their positions.

Gatys, Ecker & Bethge, arXiv:1508.06576, equation 3. Unlike there, sums over positions are divided by their
number M, so that pictures of different sizes compare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor
from torch.autograd import Function

Statistic = Callable[[Tensor], Tensor]
"""Features (1, C, H, W) -> a symmetric matrix (C, C)."""

RUN = 512
"""Positions multiplied and summed at a time: one float32 sum over a whole picture would lose five digits."""


def gram(features: Tensor) -> Tensor:
    """Gram matrix F F^T / M of features (1, C, H, W), with F in R^{C x M}, M = H W."""
    rows = features.flatten(2)[0].T
    product: Tensor = _Product.apply(rows)  # type: ignore[no-untyped-call]  # torch leaves `apply` untyped
    return product / rows.shape[0]


def covariance(features: Tensor) -> Tensor:
    """The Gram matrix of F less each channel's mean over positions: colour's average does not count."""
    return gram(features - features.mean(dim=(2, 3), keepdim=True))


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
