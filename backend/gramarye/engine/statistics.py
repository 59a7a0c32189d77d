"""What a style is measured by: second-order statistics of features over their positions.

Gatys, Ecker & Bethge, arXiv:1508.06576, equation 3. Unlike there, sums over positions are divided by their
number M, so that pictures of different sizes compare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

Statistic = Callable[[Tensor], Tensor]
"""Features (1, C, H, W) -> a symmetric matrix (C, C)."""


def gram(features: Tensor) -> Tensor:
    """Gram matrix F F^T / M of features (1, C, H, W), with F in R^{C x M}, M = H W."""
    matrix = features.flatten(2)[0]
    return matrix @ matrix.T / matrix.shape[1]


def covariance(features: Tensor) -> Tensor:
    """The Gram matrix of F less each channel's mean over positions: colour's average does not count."""
    return gram(features - features.mean(dim=(2, 3), keepdim=True))


STATISTICS: Mapping[str, Statistic] = {"gram": gram, "covariance": covariance}
"""By the name that a recipe gives."""
