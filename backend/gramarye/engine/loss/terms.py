"""The terms of the objective: content and style by way of features, total variation of the pixels themselves.

The normalisations of a recipe ("sum", "mean", "relative") differ only in the factor before each square, so the
terms take factors, and `normalisation` computes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from ..cuda.kernels import kernels_for_pixels
from ..numeric.blocked import inner_product
from ..numeric.precision import widen
from ..tiling.segments import Region
from .guides import Guides, guide_at
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

    def backward(
        self, tap: str, features: Tensor, region: Region, sums_gradient: Tensor, onto: Tensor | None, /
    ) -> Tensor:
        """The derivative by the features of what has the derivative ``sums_gradient`` by their `sums`, added ``onto`` a tensor,
        which is returned, or a new one."""


class PixelTerm(Protocol):
    """A scalar of the pixels themselves, which are always there as a whole: no tiles."""

    def add_gradient(self, x: Tensor, weight: float, gradient: Tensor, /) -> Tensor:
        """Add the derivative of ``weight`` times its value at centred pixels x (1, 3, H, W) to ``gradient``, of x's
        shape. It returns the weighted value, (1,), which stays on the device."""


@dataclass(frozen=True, eq=False)
class Target:
    """What features, or ``rows`` of their statistic, should be, and what each squared difference from it costs."""

    value: Tensor
    factor: float
    rows: slice = field(default_factory=lambda: slice(None))


@dataclass(frozen=True, eq=False)
class ContentTerm:
    """sum_l k_l sum (F - P)^2 (Gatys, Ecker & Bethge, arXiv:1508.06576, equation 1).

    With ``guides`` each position's square counts as its guide says.
    """

    targets: Mapping[str, Target]
    guides: Guides | None = None

    @property
    def taps(self) -> Sequence[str]:
        return tuple(self.targets)

    def sums(self, tap: str, features: Tensor, region: Region) -> Tensor:
        squares, guide = widen(self._difference(tap, features, region)).square(), guide_at(self.guides, tap, region)
        return (squares if guide is None else squares * guide).sum()

    def backward(
        self, tap: str, features: Tensor, region: Region, sums_gradient: Tensor, onto: Tensor | None
    ) -> Tensor:
        gradient, guide = (
            self._difference(tap, features, region).mul_(2.0 * sums_gradient),
            guide_at(self.guides, tap, region),
        )
        if guide is not None:
            gradient.mul_(guide)
        return gradient if onto is None else onto.add_(gradient)

    def _difference(self, tap: str, features: Tensor, region: Region) -> Tensor:
        return features - self.targets[tap].value[(..., *region)]

    def value(self, sums: Mapping[str, Tensor], _positions: Mapping[str, int]) -> Tensor:
        return torch.stack([target.factor * sums[tap] for tap, target in self.targets.items()]).sum()


@dataclass(frozen=True, eq=False)
class StyleTerm:
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
        return self.statistic.sums(features, guide_at(self.guides, tap, region))

    def backward(
        self, tap: str, features: Tensor, region: Region, sums_gradient: Tensor, onto: Tensor | None
    ) -> Tensor:
        return self.statistic.backward(features, sums_gradient, guide_at(self.guides, tap, region), onto)

    def value(self, sums: Mapping[str, Tensor], positions: Mapping[str, int]) -> Tensor:
        areas = {**positions, **self.areas}
        return self._distances.value({tap: self.statistic.matrix(sums[tap], areas[tap]) for tap in self.targets})

    @cached_property
    def _distances(self) -> SquaredDistances:
        return SquaredDistances(self.targets)


@dataclass(frozen=True, eq=False)
class SquaredDistances:
    """The squared differences of what is measured at each tap from its targets, at their costs.

    All of them at a time: on a card each by itself is less work than its call.
    """

    targets: Mapping[str, Sequence[Target]]

    def value(self, measured: Mapping[str, Tensor]) -> Tensor:
        """Their sum for what is measured at each tap: a scalar."""
        rows = [measured[tap][target.rows].flatten() for tap, target in self._pairs]
        apart = torch.cat(rows) - self._target_values.to(rows[0])
        return (apart.square() * self._factors.to(apart)).sum()

    @cached_property
    def _pairs(self) -> Sequence[tuple[str, Target]]:
        return [(tap, target) for tap, targets in self.targets.items() for target in targets]

    @cached_property
    def _target_values(self) -> Tensor:
        return torch.cat([target.value.flatten() for _, target in self._pairs])

    @cached_property
    def _factors(self) -> Tensor:
        return torch.cat([torch.full_like(target.value, target.factor).flatten() for _, target in self._pairs])


@dataclass(frozen=True)
class TotalVariationTerm:
    """k (sum dx^2 + sum dy^2) of forward differences between neighbouring pixels, all channels.

    After Mahendran & Vedaldi, arXiv:1412.0035, equation 3 with beta = 2. ``relative`` divides by the number
    of differences and by 255^2, otherwise k = 1/2. It acts on centred pixels x (1, 3, H, W) themselves.
    """

    relative: bool

    def add_gradient(self, x: Tensor, weight: float, gradient: Tensor) -> Tensor:
        """Written out, one axis at a time: automatic differentiation would hold six more pictures."""
        factor = self._factor(x, weight)
        gpu_kernels = kernels_for_pixels(x, gradient)
        if gpu_kernels is not None:
            return gpu_kernels.add_total_variation(x, gradient, 2.0 * factor).sum(dim=0, keepdim=True).mul_(factor)
        squares = []
        for axis in (2, 3):
            steps, length = torch.diff(x, dim=axis), x.shape[axis] - 1
            squares.append(inner_product(steps, steps))
            gradient.narrow(axis, 1, length).add_(steps, alpha=2.0 * factor)
            gradient.narrow(axis, 0, length).sub_(steps, alpha=2.0 * factor)
        return torch.cat(squares).sum(dim=0, keepdim=True).mul_(factor)

    def _factor(self, x: Tensor, weight: float) -> float:
        _, channels, height, width = x.shape
        differences = channels * ((height - 1) * width + height * (width - 1))
        return weight * (1.0 / differences / 255.0**2 if self.relative else 0.5)
