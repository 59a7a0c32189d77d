"""The distribution of features beside their second-order statistics: how much of each strength there is.

Pictures of one Gram matrix may still hold their contrast in a few glaring patches and be washed out between them
(Risser, Wilmot & Barnes, arXiv:1701.08893). Here distributions of the features' projections are compared, as
the sliced distances do: Heitz, Vanhoey, Chambon & Belcour, arXiv:2006.07229, sort each projection; a sorted list is no
sum over tiles, so the distance is Cramér's, the integral of (F - A)^2 over cumulative distributions F and A (sliced:
Kolouri, Ketz, Soltoggio & Pilly, ICLR 2020), and F enters by its integrals over fixed bins, which are sums over
positions. That is a histogram whose kernel is a triangle two bins wide, summed up from below.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from ..numeric.precision import widen
from ..recipe import Recipe
from ..tiling.segments import Region
from ..vgg.network import Network
from .guides import Guides, guide_at
from .moments import moments
from .normalisation import layer_shares
from .regions import RegionStyles
from .style_sources import StyleSource
from .terms import SquaredDistances, Target

MIN_DIRECTIONS, MAX_DIRECTIONS = 8, 64
"""Directions; between these there are a quarter as many as channels: 16 of VGG19's first 64 cost the most."""

BINS = 48
"""Of a direction, over SPAN deviations on either side of the mean: an eighth of a deviation each."""

SPAN = 3.0
"""Beyond it there is one more bin on either side, open outwards: what lies far out is still drawn back."""

MIN_DEVIATION = 1e-3
"""Least deviation of a direction, as a share of the layer's greatest, or of its mean: less is rounding."""

PROJECTION_BLOCK, GPU_PROJECTION_BLOCK = 2**18, 2**22
"""Projections at a time: what a processor's cache holds, and what keeps a graphics card busy in 64 megabytes."""


@dataclass(frozen=True, eq=False)
class Bins:
    """D directions among C channels, and the bins along each.

    Features project on ``directions`` (D, C) in units of a bin, and less ``lowest`` (D,) bin b is from b to b + 1: 0
    is open below and BINS + 1 above.
    """

    directions: Tensor
    lowest: Tensor

    def sums(self, features: Tensor, weight: Tensor | None = None) -> Tensor:
        """(D, BINS + 2): integrals, in bins, of each cumulative distribution of features (1, C, H, W) over each bin,
        in the last of it less 1, times the number of positions.

        Each position counts ``weight`` times, (1, 1, H, W) from 0 up; their number is then the weights' sum.
        """
        totals = []
        for part, block_weight in _row_blocks(features, self.directions, weight):
            position = _project(part, self.directions, self.lowest)
            bin_of = position.clamp(0, BINS + 1).floor_()
            flat = _flat(bin_of)
            rest = bin_of.clamp_(max=BINS).add_(1).sub_(position)  # to the bin's end, or to where an open one begins
            count = torch.ones_like(rest)
            if block_weight is not None:
                rest, count = rest.mul_(block_weight), count.mul_(block_weight)
            both = rest.new_zeros((2, self.directions.shape[0] * (BINS + 2)))
            both[0].index_add_(0, flat, rest.flatten())
            both[1].index_add_(0, flat, count.flatten())
            totals.append(both)
        ends, counts = torch.stack(totals).sum(dim=0).view(2, -1, BINS + 2).unbind()
        below = torch.cumsum(counts, dim=1).sub_(counts)  # those of lower bins count for all of this one
        return torch.cat([ends[:, :-1] + below[:, :-1], ends[:, -1:]], dim=1)

    def backward(self, features: Tensor, sums_gradient: Tensor, weight: Tensor | None = None) -> Tensor:
        """The derivative by the features of anything whose derivative by their `sums` is ``backward``."""
        bin_gradients = sums_gradient.to(self.directions).neg().flatten()
        gradient = torch.empty_like(features, memory_format=torch.channels_last)
        into, first = gradient.permute(0, 2, 3, 1).reshape(-1, features.shape[1]), 0
        for part, block_weight in _row_blocks(features, self.directions, weight):
            position = _project(part, self.directions, self.lowest)
            bin_gradient = bin_gradients.index_select(0, _flat(position.clamp_(0, BINS + 1))).view(position.shape)
            if block_weight is not None:
                bin_gradient = bin_gradient.mul_(block_weight)
            into[first : first + len(part)] = bin_gradient @ self.directions
            first += len(part)
        return gradient

    def distribution(self, sums: Tensor, positions: float) -> Tensor:
        """(D, BINS + 2) of which the squared distance is Cramér's, in deviations, averaged over directions.

        But for the open bins: there it is the square of the integral, which is no less and needs no further bins.
        """
        width = 2.0 * SPAN / BINS
        integrals = sums / (positions * sums.shape[0] ** 0.5)
        inner, outer = width**0.5 * integrals[:, 1:-1], width * integrals
        return torch.cat([outer[:, :1], inner, outer[:, -1:]], dim=1)


@dataclass(frozen=True, eq=False)
class HistogramTerm:
    """sum_l sum_s k_ls times the sliced Cramér distance from style picture s at layer l.

    Distances are counted in the styles' own deviations, whatever the recipe's normalisation: about the square of a
    shift by so many deviations, divided by 4. Beside a style weight of 1000 under "relative" it begins to show at 1000,
    and at 10000 clears what a Gram matrix leaves grey; at 40000 local colour gives way to the style's balance.
    """

    bins: Mapping[str, Bins]
    targets: Mapping[str, Sequence[Target]]
    guides: Guides | None = None
    areas: Mapping[str, float] = field(default_factory=dict)
    """As `Style` has them."""

    @property
    def taps(self) -> Sequence[str]:
        return tuple(self.targets)

    def sums(self, tap: str, features: Tensor, region: Region) -> Tensor:
        return self.bins[tap].sums(features, guide_at(self.guides, tap, region))

    def backward(
        self, tap: str, features: Tensor, region: Region, sums_gradient: Tensor, onto: Tensor | None
    ) -> Tensor:
        gradient = self.bins[tap].backward(features, sums_gradient, guide_at(self.guides, tap, region))
        return gradient if onto is None else onto.add_(gradient)

    def value(self, sums: Mapping[str, Tensor], positions: Mapping[str, int]) -> Tensor:
        areas = {**positions, **self.areas}
        return self._distances.value({tap: self.bins[tap].distribution(sums[tap], areas[tap]) for tap in self.targets})

    @cached_property
    def _distances(self) -> SquaredDistances:
        return SquaredDistances(self.targets)


@torch.no_grad()
def build_histogram_term(recipe: Recipe, network: Network, region_styles: RegionStyles) -> HistogramTerm:
    """The term for a region's styles. The bins are the same for all of them, around their mixture."""
    layers = recipe.style_layers
    factors = dict(zip(layers, layer_shares(recipe.style_layer_weights, len(layers)), strict=True))
    sources = [source for style in region_styles.styles for source in style]
    form = sources[0].x.new_empty(0)
    exact = _bins(network, sources, layers)
    digest = hashlib.blake2b(digest_size=16)
    for one in exact.values():
        digest.update(one.directions.numpy().data)
        digest.update(one.lowest.numpy().data)
    bins = {tap: Bins(one.directions.to(form), one.lowest.to(form)) for tap, one in exact.items()}
    targets: dict[str, list[Target]] = {tap: [] for tap in layers}
    for source in sources:
        sums = source.sums(network, ("histogram", digest.digest()), lambda tap, *given: bins[tap].sums(*given))
        for tap, position_count in source.position_counts.items():
            factor = region_styles.share * source.share * factors[tap] / len(layers)
            targets[tap].append(Target(bins[tap].distribution(sums[tap], position_count).to(form), factor))
    return HistogramTerm(
        bins, targets, region_styles.guides, {} if region_styles.guides is None else region_styles.areas
    )


def _bins(network: Network, sources: Sequence[StyleSource], layers: Sequence[str]) -> dict[str, Bins]:
    """In float64 on the CPU, at each layer."""
    found: dict[str, list[tuple[Tensor, float]]] = {tap: [] for tap in layers}
    for source in sources:
        sums = source.sums(network, "moments", lambda _tap, *given: moments.sums(*given))  # the statistic's own
        for tap, position_count in source.position_counts.items():
            found[tap].append((moments.matrix(sums[tap], position_count), source.share))
    return {tap: bins_for(_mix_moments(measured)) for tap, measured in found.items()}


def bins_for(measured: Tensor) -> Bins:
    """The bins for features of those `moments` (C + 1, C); in float64 on the CPU."""
    measured = measured.to("cpu", torch.float64)
    covariance, mean = measured[:-1], measured[-1]
    along = directions(measured.shape[1])
    centre = along @ mean
    deviation = (along @ covariance * along).sum(dim=1).clamp(min=0.0).sqrt()
    scale = max(float(deviation.max()), float(centre.abs().max())) or 1.0
    deviation = deviation.clamp(min=MIN_DEVIATION * scale)
    width = 2.0 * SPAN / BINS * deviation
    return Bins(along / width[:, None], (centre - SPAN * deviation) / width - 1.0)


def directions(channels: int) -> Tensor:
    """(D, C) orthonormal, the same ones always."""
    count = min(channels, MAX_DIRECTIONS, max(MIN_DIRECTIONS, channels // 4))
    drawn = torch.randn((channels, count), generator=torch.Generator("cpu").manual_seed(0), dtype=torch.float64)
    orthonormal, _ = torch.linalg.qr(drawn)
    rows: Tensor = orthonormal.T.contiguous()
    return rows


def _mix_moments(measured: Sequence[tuple[Tensor, float]]) -> Tensor:
    """The moments of several pictures together, each with its share."""
    total = sum(share for _, share in measured)
    parts = [(moments_of, share / total) for moments_of, share in measured]
    mean = torch.stack([share * one[-1] for one, share in parts]).sum(dim=0)
    second = torch.zeros_like(parts[0][0][:-1])
    for one, share in parts:
        second += share * (one[:-1] + torch.outer(one[-1], one[-1]))
    return torch.cat([second - torch.outer(mean, mean), mean[None]])


def _row_blocks(features: Tensor, directions: Tensor, weight: Tensor | None) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Rows (M', C) of features, so many that their projections are a run, with their weights (M', 1): what lies between
    them and the sums is never there as a whole."""
    rows = features.flatten(2).squeeze(0).T
    block_weight = None if weight is None else widen(weight).flatten()
    run = max(1, (PROJECTION_BLOCK if rows.device.type == "cpu" else GPU_PROJECTION_BLOCK) // directions.shape[0])
    for first in range(0, rows.shape[0], run):
        yield rows[first : first + run], None if block_weight is None else block_weight[first : first + run, None]


def _project(rows: Tensor, directions: Tensor, lowest: Tensor) -> Tensor:
    """Where each row (M', C) lies along each direction, in bins: (M', D)."""
    return torch.addmm(-lowest, rows.to(directions.dtype), directions.T)


def _flat(position: Tensor) -> Tensor:
    """The bins of places (M', D) within 0 and BINS + 1, (M' D,), as indices among all directions' together.

    What is no number lies in some bin too, and shows in the sums.
    """
    first = torch.arange(position.shape[1], dtype=torch.int32, device=position.device) * (BINS + 2)
    return position.to(torch.int32).clamp_(0, BINS + 1).add_(first).flatten()
