"""1x1 maps behind the shipped network's taps, through which distances are VGG19's.

A linear map M (teacher's channels x C) from the network's features to the teacher's is fitted by least squares. The
squared distance of mapped features, and of their Gram matrices, depends on M^T M alone:
||M (F - P)|| = ||R (F - P)|| and ||M D M^T|| = ||R D R||, with the symmetric root R = (M^T M)^(1/2), which is
only C x C. Painting with R equals painting with the mapped features, at the narrow network's cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from networks import TAPS, Filters, Teacher, activations, mean_image
from torch import Tensor

# Ridge term, as a share of each channel's energy: it keeps the fit stable for channels that are nearly equal.
RIDGE = 1e-4


@torch.no_grad()
def fit_readouts(filters: Filters, teacher: Teacher, batches: Sequence[Tensor]) -> dict[str, Tensor]:
    """R (C, C) for each tap of `filters`, which act on RGB minus the mean; `batches` are crops (N, 3, H, W; 0..255).

    So that a recipe weighs the taps equally with this network and with VGG19, R is scaled so that the root mean square
    of the Gram matrix's entries is VGG19's.
    """
    normal: dict[str, Tensor] = {}
    mixed: dict[str, Tensor] = {}
    energy: dict[str, Tensor] = {}
    rows = dict.fromkeys(TAPS, 0)
    for crops in batches:
        own, target = activations(filters, crops - mean_image()), teacher.features(crops)
        for tap in TAPS:
            x, y = _flatten_positions(own[tap]), _flatten_positions(target[tap])
            rows[tap] += len(x)
            for sums, product in ((normal, x.T @ x), (mixed, x.T @ y), (energy, y.T @ y)):
                sums[tap] = sums[tap] + product if tap in sums else product
    levels = {tap: _rms(energy[tap] / rows[tap]) for tap in TAPS}
    readouts: dict[str, Tensor] = {}
    for tap in TAPS:
        root = _symmetric_root(normal[tap], mixed[tap])
        answered = _rms(root @ (normal[tap] / rows[tap]) @ root)
        readouts[tap] = (root * math.sqrt(levels[tap] / answered)).float()
    return readouts


def _symmetric_root(normal: Tensor, mixed: Tensor) -> Tensor:
    """(M^T M)^(1/2) of the least-squares map with those sums."""
    fitted = torch.linalg.solve(normal + torch.diag(RIDGE * normal.diagonal()), mixed)
    values, vectors = torch.linalg.eigh(fitted @ fitted.T)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T


def _rms(gram: Tensor) -> float:
    """Root mean square of a Gram matrix's entries."""
    return float(gram.square().mean().sqrt())


def _flatten_positions(features: Tensor) -> Tensor:
    """(N, C, H, W) as (positions, C), float64."""
    return features.permute(0, 2, 3, 1).flatten(0, 2).double()
