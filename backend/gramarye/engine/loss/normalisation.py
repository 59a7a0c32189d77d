"""What a squared difference costs under each normalisation of a recipe.

"sum" is the seed's: raw sums, and a style weighs by its area. "mean" is Gatys' recipe as jcjohnson's neural-style
scales it. "relative" measures each difference against its target, so that weights mean the same for every
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
"""Least denominator of a relative term: only an all-zero target meets it."""


def content_target(normalisation: str, features: Tensor, layers: int, guide: Tensor | None = None) -> Target:
    """The content's features P (1, C, H, W) at one of ``layers`` content layers.

    sum:      1/2 sum (F - P)^2
    mean:     mean (F - P)^2
    relative: sum (F - P)^2 / sum P^2 / layers

    Sums and means are over positions as a ``guide`` (1, 1, H, W) counts them, if there is one.
    """
    if normalisation == "sum":
        return Target(features, 0.5)
    if normalisation == "mean":
        return Target(features, 1.0 / (features.numel() if guide is None else features.shape[1] * guide_sum(guide)))
    weighed = features if guide is None else features * widen(guide).sqrt().to(features.dtype)
    return Target(features, 1.0 / _energy(weighed) / layers)


def style_targets(normalisation: str, measured: Tensor, area: float, share: float, layers: int) -> list[Target]:
    """A style's statistic A^ (C, C), divided by its own positions, at one of ``layers`` style layers.

    ``area`` is the style's number of positions over the painting's, M_s / M; ``share`` what the style
    and the layer weigh together. With G = M G^, A = M_s A^ as raw sums:

    sum:      share / layers sum (G - A)^2 / (4 M^2 C^2)
    mean:     share mean ((G^ - A^) / C)^2
    relative: share / layers ||G^ - A^||^2 / ||A^||^2

    Of (C + 1, C) the last row holds the channels' means a^. They cost, with sums g = M g^ and a = M_s a^, beside that:

    sum:      share / layers sum (g - a)^2 / (4 M^2 C)
    mean:     share mean (g^ - a^)^2 (so SPST, arXiv:2212.13459, weighs means)
    relative: share / layers ||g^ - a^||^2 / ||a^||^2, of which, and of the above, half: a style of which nothing is
              painted yet costs as much whatever it is measured by
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
    """Value and factor; "mean" divides by ``divisor`` before it squares."""
    if normalisation == "sum":  # divided by M before squaring: float32 would overflow on large pictures
        return area * measured, share / layers / (4.0 * measured.numel())
    if normalisation == "mean":
        return measured, share / measured.numel() / divisor**2
    return measured, share / layers / _energy(measured)


def style_shares(normalisation: str, weights: Sequence[float]) -> tuple[float, ...]:
    """The styles' weights as given for "sum", otherwise as parts of 1."""
    total = 1.0 if normalisation == "sum" else sum(weights)
    return tuple(weight / total for weight in weights)


def layer_shares(weights: Sequence[float], layers: int) -> tuple[float, ...]:
    """The style layers' weights with mean 1; all 1 where none are given."""
    if not weights:
        return (1.0,) * layers
    mean = sum(weights) / layers
    return tuple(weight / mean for weight in weights)


def _energy(target: Tensor) -> float:
    """The sum of squares, summed in float64."""
    return max(float(torch.linalg.vector_norm(target.cpu(), dtype=torch.float64).square()), TINY)
