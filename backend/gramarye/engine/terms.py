"""The terms of the objective: content and style by way of features, total variation of the pixels themselves.

The normalisations of a recipe ("sum", "mean", "relative") differ only in the factor before each square, so the
terms take factors, and `normalisation` computes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd import Function

from .guides import Guides
from .precision import wide
from .segments import Region
from .slabs import products
from .statistics import Statistic


class Term(Protocol):
    """A scalar of a picture's features, by way of sums over positions: those of its tiles add up."""

    @property
    def taps(self) -> Sequence[str]:
        """The layers whose features it needs."""

    def sums(self, tap: str, features: Tensor, region: Region, /) -> Tensor:
        """Sums over positions, of any shape, for the features (1, C, h, w) in a region of the picture's."""

    def value(self, sums: Mapping[str, Tensor], positions: Mapping[str, int], /) -> Tensor:
        """Its value, a scalar tensor, for the whole picture's sums and number of positions at each tap."""


class PixelTerm(Protocol):
    """A scalar of the pixels themselves, which are always there as a whole: no tiles."""

    def descend(self, x: Tensor, weight: float, gradient: Tensor, /) -> Tensor:
        """Add the derivative of ``weight`` times its value at centred pixels x (1, 3, H, W) to ``gradient``, of x's
        shape. What it returns, (runs,), adds up to the weighted value; it stays on the device."""


@dataclass(frozen=True, eq=False)
class Target:
    """What features, or ``rows`` of their statistic, should be, and what each squared difference from it costs."""

    value: Tensor
    factor: float
    rows: slice = field(default_factory=lambda: slice(None))


@dataclass(frozen=True, eq=False)
class Content:
    """sum_l k_l sum (F - P)^2 (Gatys, Ecker & Bethge, arXiv:1508.06576, equation 1).

    With ``guides`` each position's square counts as its guide says.
    """

    targets: Mapping[str, Target]
    guides: Guides | None = None

    @property
    def taps(self) -> Sequence[str]:
        return tuple(self.targets)

    def sums(self, tap: str, features: Tensor, region: Region) -> Tensor:
        target = self.targets[tap].value[(..., *region)]
        guide = None if self.guides is None else self.guides[tap][(..., *region)]
        squares: Tensor = _Distance.apply(features, target, guide)  # type: ignore[no-untyped-call]  # torch leaves `apply` untyped
        return squares

    def value(self, sums: Mapping[str, Tensor], _positions: Mapping[str, int]) -> Tensor:
        return torch.stack([target.factor * sums[tap] for tap, target in self.targets.items()]).sum()


@dataclass(frozen=True, eq=False)
class Style:
    """sum_l sum_s k_ls sum (G - A_s)^2 over layers l and style pictures s (ibid., equations 3 to 5).

    G is ``statistic`` of the features, A_s the target. With ``guides`` it is that of a region alone, divided by the
    region's own area, the guide's sum: ``areas`` by tap.
    """

    statistic: Statistic
    targets: Mapping[str, Sequence[Target]]
    guides: Guides | None = None
    areas: Mapping[str, float] = field(default_factory=dict)

    @property
    def taps(self) -> Sequence[str]:
        return tuple(self.targets)

    def sums(self, tap: str, features: Tensor, region: Region) -> Tensor:
        return self.statistic.sums(features, None if self.guides is None else self.guides[tap][(..., *region)])

    def value(self, sums: Mapping[str, Tensor], positions: Mapping[str, int]) -> Tensor:
        measured = {tap: self.statistic.matrix(sums[tap], self.areas.get(tap, positions[tap])) for tap in self.targets}
        return misses(measured, self.targets)


def misses(measured: Mapping[str, Tensor], targets: Mapping[str, Sequence[Target]]) -> Tensor:
    """The squared differences of what is measured at each tap from its targets, at their costs: a scalar."""
    pairs = [(measured[tap][target.rows], target) for tap, aims in targets.items() for target in aims]
    value: Tensor = _Misses.apply([target for _, target in pairs], *(own for own, _ in pairs))  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return value


class _Distance(Function):
    """sum w (F - P)^2 over features F, what they should be P, and weights w or none; back: 2 w (F - P)."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: Tensor, weight: Tensor | None) -> Tensor:
        difference = features - target
        ctx.save_for_backward(difference, weight)
        squares = wide(difference).square()
        return (squares if weight is None else squares * weight).sum()

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor, None, None]:
        difference, weight = ctx.saved_tensors
        gradient: Tensor = difference * (2.0 * upstream[0])
        return gradient if weight is None else gradient.mul_(weight.to(gradient)), None, None


class _Misses(Function):
    """sum_i k_i ||X_i - A_i||^2 over matrices X_i and targets; back: 2 k_i (X_i - A_i).

    All of them at a time: on a card each is less work than its call.
    """

    @staticmethod
    def forward(ctx: Any, targets: Sequence[Target], *measured: Tensor) -> Tensor:
        differences = torch._foreach_sub(measured, [t.value.to(own) for own, t in zip(measured, targets, strict=True)])
        ctx.roots = [math.sqrt(target.factor) for target in targets]
        torch._foreach_mul_(differences, ctx.roots)
        ctx.save_for_backward(*differences)
        return torch.cat([difference.flatten() for difference in differences]).square_().sum()

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        slopes = torch._foreach_mul(ctx.saved_tensors, [2.0 * root for root in ctx.roots])
        torch._foreach_mul_(slopes, upstream[0])
        return None, *slopes


@dataclass(frozen=True)
class TotalVariation:
    """k (sum dx^2 + sum dy^2) of forward differences between neighbouring pixels, all channels.

    After Mahendran & Vedaldi, arXiv:1412.0035, equation 3 with beta = 2. ``relative`` divides by the number
    of differences and by 255^2, otherwise k = 1/2. It acts on centred pixels x (1, 3, H, W) themselves.
    """

    relative: bool

    def descend(self, x: Tensor, weight: float, gradient: Tensor) -> Tensor:
        """Written out, one axis at a time: automatic differentiation would hold six more pictures."""
        factor = self._factor(x, weight)
        squares = []
        for axis in (2, 3):
            steps, length = torch.diff(x, dim=axis), x.shape[axis] - 1
            squares.append(products(steps, steps))
            gradient.narrow(axis, 1, length).add_(steps, alpha=2.0 * factor)
            gradient.narrow(axis, 0, length).sub_(steps, alpha=2.0 * factor)
        return factor * torch.cat(squares)

    def _factor(self, x: Tensor, weight: float) -> float:
        _, channels, height, width = x.shape
        differences = channels * ((height - 1) * width + height * (width - 1))
        return weight * (1.0 / differences / 255.0**2 if self.relative else 0.5)
