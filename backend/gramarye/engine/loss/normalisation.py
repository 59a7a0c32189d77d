"""Targets and factors of the terms under each normalisation of a recipe.

"sum" is that of the seed recipe: raw sums, so that a style weighs by its area. "mean" is Gatys' recipe as scaled by
jcjohnson's neural-style. "relative" divides each difference by its target, so that weights mean the same for every
network, layer and size.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..numeric.precision import widen
from .guides import guide_sum
from .terms import Target

TINY = float(torch.finfo(torch.float32).tiny)
"""Least denominator of a relative term, reached only by an all-zero target."""


def content_target(normalisation: str, features: Tensor, layers: int, guide: Tensor | None = None) -> Target:
    """Return the target for the content's features P (1, C, H, W) at one of ``layers`` content layers.

    sum:      1/2 sum (F - P)^2
    mean:     mean (F - P)^2
    relative: sum (F - P)^2 / sum P^2 / layers

    If there is a ``guide`` (1, 1, H, W), sums and means over positions are weighted by it.
    """
    if normalisation == "sum":
        return Target(features, 0.5)
    if normalisation == "mean":
        return Target(features, 1.0 / (features.numel() if guide is None else features.shape[1] * guide_sum(guide)))
    weighed = features if guide is None else features * widen(guide).sqrt().to(features.dtype)
    return Target(features, 1.0 / _energy(weighed) / layers)


def style_targets(normalisation: str, measured: Tensor, area: float, share: float, layers: int) -> list[Target]:
    """Return the targets for a style's statistic A^ (C, C), normalised by its positions, at one of ``layers`` layers.

    ``area`` is the style's number of positions divided by the painting's, M_s / M; ``share`` the product of the weights
    of style and layer. With the raw sums G = M G^ and A = M_s A^:

    sum:      share / layers sum (G - A)^2 / (4 M^2 C^2)
    mean:     share mean ((G^ - A^) / C)^2
    relative: share / layers ||G^ - A^||^2 / ||A^||^2

    The last row of a (C + 1, C) statistic holds the means a^ of the channels, which get a target of their own. With the
    sums g = M g^ and a = M_s a^ it costs:

    sum:      share / layers sum (g - a)^2 / (4 M^2 C)
    mean:     share mean (g^ - a^)^2 (the weight of means in SPST, arXiv:2212.13459)
    relative: share / layers ||g^ - a^||^2 / ||a^||^2, with half the share for each of the two targets, so that an
              all-zero painting costs the same under every statistic
    """
    channels = measured.shape[1]
    if measured.shape[0] == channels:
        return [Target(*_style_target(normalisation, measured, area, share, layers, channels))]
    share = 0.5 * share if normalisation == "relative" else share
    matrix, means = slice(0, channels), slice(channels, None)
    return [
        Target(*_style_target(normalisation, measured[matrix], area, share, layers, channels), matrix),
        Target(*_style_target(normalisation, measured[means], area, share, layers, 1), means),
    ]


def _style_target(
    normalisation: str, measured: Tensor, area: float, share: float, layers: int, divisor: int
) -> tuple[Tensor, float]:
    """Return the value and factor of a target; "mean" divides differences by ``divisor`` before squaring."""
    if normalisation == "sum":  # divided by M before squaring: float32 would overflow on large pictures
        return area * measured, share / layers / (4.0 * measured.numel())
    if normalisation == "mean":
        return measured, share / measured.numel() / divisor**2
    return measured, share / layers / _energy(measured)


def style_shares(normalisation: str, weights: Sequence[float]) -> tuple[float, ...]:
    """Return the styles' weights: as given under "sum", otherwise scaled to sum to 1."""
    total = 1.0 if normalisation == "sum" else sum(weights)
    return tuple(weight / total for weight in weights)


def layer_shares(weights: Sequence[float], layers: int) -> tuple[float, ...]:
    """Return the style layers' weights scaled to mean 1; all 1 if none are given."""
    if not weights:
        return (1.0,) * layers
    mean = sum(weights) / layers
    return tuple(weight / mean for weight in weights)


def _energy(target: Tensor) -> float:
    """Return the sum of squares, at least TINY, summed in float64."""
    return max(float(torch.linalg.vector_norm(target.cpu(), dtype=torch.float64).square()), TINY)
