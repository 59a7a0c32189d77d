"""The terms of the objective: content and style on features, total variation on pixels.

The normalisations of a recipe ("sum", "mean", "relative") differ only in the factor of each square, so the terms take
factors, which `normalisation` computes.
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
    """A scalar function of a picture's features that depends on sums over positions; sums of tiles add up."""

    @property
    def taps(self) -> Sequence[str]:
        """The layers whose features the term needs."""

    def sums(self, tap: str, features: Tensor, region: Region, /) -> Tensor:
        """Return sums over positions, of any shape, for the features (1, C, h, w) of one region of the picture."""

    def value(self, sums: Mapping[str, Tensor], positions: Mapping[str, int], /) -> Tensor:
        """Return the value, a scalar tensor, for the sums and number of positions of the whole picture at each tap."""

    def backward(
        self, tap: str, features: Tensor, region: Region, sums_gradient: Tensor, onto: Tensor | None, /
    ) -> Tensor:
        """Backward pass of `sums`: return the gradient w.r.t. the features, given the gradient w.r.t. the sums.

        If ``onto`` is given, the gradient is added to it in place and ``onto`` is returned.
        """


class PixelTerm(Protocol):
    """A scalar function of the pixels, which are not tiled."""

    def add_gradient(self, x: Tensor, weight: float, gradient: Tensor, /) -> Tensor:
        """Add the gradient of ``weight`` times the value at centred pixels x (1, 3, H, W) to ``gradient`` of x's shape.

        Return the weighted value, (1,), on the device of x.
        """


@dataclass(frozen=True, eq=False)
class Target:
    """The desired features, or desired ``rows`` of their statistic, and the factor of the squared differences."""

    value: Tensor
    factor: float
    rows: slice = field(default_factory=lambda: slice(None))


@dataclass(frozen=True, eq=False)
class ContentTerm:
    """sum_l k_l sum (F - P)^2 (Gatys, Ecker & Bethge, arXiv:1508.06576, equation 1).

    If there are ``guides``, they weight the squares of each position.
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

    G is the statistic of the features by tap, A_s the target. If there are ``guides``, G is the statistic of one region
    of the painting, and ``areas`` the region's number of positions by tap (the sum of its guide).
    """

    statistics: Mapping[str, Statistic]
    targets: Mapping[str, Sequence[Target]]
    guides: Guides | None = None
    areas: Mapping[str, float] = field(default_factory=dict)

    @property
    def taps(self) -> Sequence[str]:
        return tuple(self.targets)

    def sums(self, tap: str, features: Tensor, region: Region) -> Tensor:
        return self.statistics[tap].sums(features, guide_at(self.guides, tap, region))

    def backward(
        self, tap: str, features: Tensor, region: Region, sums_gradient: Tensor, onto: Tensor | None
    ) -> Tensor:
        return self.statistics[tap].backward(features, sums_gradient, guide_at(self.guides, tap, region), onto)

    def value(self, sums: Mapping[str, Tensor], positions: Mapping[str, int]) -> Tensor:
        areas = {**positions, **self.areas}
        return self._distances.value({tap: self.statistics[tap].matrix(sums[tap], areas[tap]) for tap in self.targets})

    @cached_property
    def _distances(self) -> SquaredDistances:
        return SquaredDistances(self.targets)


@dataclass(frozen=True, eq=False)
class SquaredDistances:
    """The weighted sum of squared differences between the statistics at each tap and their targets.

    All differences are computed in one call: on a GPU a call for each would take longer than its work.
    """

    targets: Mapping[str, Sequence[Target]]

    def value(self, measured: Mapping[str, Tensor]) -> Tensor:
        """Return the sum, a scalar, for the statistic measured at each tap."""
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

    After Mahendran & Vedaldi, arXiv:1412.0035, equation 3 with beta = 2, on centred pixels x (1, 3, H, W).
    k = 1 / (number of differences) / 255^2 if ``relative``, else 1/2.
    """

    relative: bool

    def add_gradient(self, x: Tensor, weight: float, gradient: Tensor) -> Tensor:
        """See `PixelTerm`. Written out one axis at a time: autograd would keep six more tensors of x's size."""
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
