"""Covariance with the mean: texture and colour each matched for itself.

A Gram matrix is covariance plus the outer product of the mean with itself, so that too much of one makes up for too
little of the other: paintings come out washed out here and over-contrasted there (Risser, Wilmot & Barnes,
arXiv:1701.08893). Matched apart they cannot. Convolutional features' means and deviations beside their Gram
matrix are what SPST matches (arXiv:2212.13459).
"""

from __future__ import annotations

import torch
from torch import Tensor

from .statistics import Statistic, covariance


def moment_matrix(sums: Tensor, positions: float) -> Tensor:
    """(C + 1, C): the covariance, and below it the means."""
    mean = sums[-1:] / positions
    return torch.cat([sums[:-1] / positions - mean.T @ mean, mean])


moments = Statistic(covariance.sums, covariance.backward, moment_matrix)
"""(C + 1, C): `covariance`, and below it each channel's mean."""
