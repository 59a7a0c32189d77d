"""Histogram matching: the distribution of features in addition to their second-order statistics.

Pictures with equal Gram matrices can still differ in contrast: strong in a few patches and washed out elsewhere
(Risser, Wilmot & Barnes, arXiv:1701.08893). This term compares the distributions of projections of the features, as
sliced distances do. Heitz, Vanhoey, Chambon & Belcour (arXiv:2006.07229) sort each projection, but a sorted list is not
a sum over tiles. The distance used here is Cramér's, the integral of (F - A)^2 over cumulative distributions F and A
(sliced: Kolouri, Ketz, Soltoggio & Pilly, ICLR 2020). F enters through its integrals over fixed bins, which are sums
over positions: a cumulative histogram with a triangular kernel two bins wide. `Bins` is thus a `Statistic`, and the
term a `StyleTerm`:

    sum_l sum_s k_ls times the sliced Cramér distance to style picture s at layer l

Distances are in units of the styles' standard deviations, whatever the normalisation of the recipe. A shift by d
deviations costs about d^2 / 4. Next to a style weight of 1000 under "relative" the term becomes visible at a weight of
1000; at 10000 it removes the grey areas that a Gram matrix leaves; at 40000 local colour gives way to the colour
balance of the style.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..numeric.precision import widen
from ..recipe import Recipe
from ..vgg.network import Network
from .normalisation import layer_shares
from .regions import RegionStyles
from .statistics import moments
from .style_sources import StyleSource
from .terms import StyleTerm, Target

MIN_DIRECTIONS, MAX_DIRECTIONS = 8, 64
"""Bounds of the number of directions, which is a quarter of the channels (or all of them, if fewer than the minimum).

The first layers of VGG19, 16 directions for 64 channels, cost the most.
"""

BINS = 48
"""Bins of a direction, over SPAN deviations on either side of the mean: an eighth of a deviation each."""

SPAN = 3.0
"""Deviations covered on either side of the mean. An open bin beyond each end gives outliers a gradient too."""

MIN_DEVIATION = 1e-3
"""Least deviation of a direction, relative to the greatest deviation or mean in its layer: less is rounding error."""

PROJECTION_BLOCK, GPU_PROJECTION_BLOCK = 2**18, 2**22
"""Projections computed at a time: what fits into a CPU cache, and what keeps a GPU busy with 64 megabytes."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Bins along D directions in the space of C channels; a `Statistic` of the features' distribution.

    The position of a feature f among the bins of a direction is ``directions`` (D, C) times f, minus ``lowest`` (D,).
    Bin b spans b to b + 1; bin 0 is open below, bin BINS + 1 open above.
    """

    directions: Tensor
    lowest: Tensor

    def sums(self, features: Tensor, weight: Tensor | None = None, /) -> Tensor:
        """Return (D, BINS + 2): the integral of each direction's cumulative distribution F over each bin.

        The unit is a bin, the last bin holds the integral of F - 1, and all are multiplied by the number of positions
        of the features (1, C, H, W). Each position counts ``weight`` times, (1, 1, H, W) from 0 up; the number of
        positions is then the sum of the weights.
        """
        totals = []
        for part, block_weight in _row_blocks(features, self.directions, weight):
            position = _project(part, self.directions, self.lowest)
            bin_of = position.clamp(0, BINS + 1).floor_()
            flat = _flat(bin_of)
            rest = bin_of.clamp_(max=BINS).add_(1).sub_(position)  # to the bin's end, or to the start of an open one
            count = torch.ones_like(rest)
            if block_weight is not None:
                rest, count = rest.mul_(block_weight), count.mul_(block_weight)
            both = rest.new_zeros((2, self.directions.shape[0] * (BINS + 2)))
            both[0].index_add_(0, flat, rest.flatten())
            both[1].index_add_(0, flat, count.flatten())
            totals.append(both)
        ends, counts = torch.stack(totals).sum(dim=0).view(2, -1, BINS + 2).unbind()
        below = torch.cumsum(counts, dim=1).sub_(counts)  # values in lower bins count over the whole bin
        return torch.cat([ends[:, :-1] + below[:, :-1], ends[:, -1:]], dim=1)

    def backward(
        self, features: Tensor, sums_gradient: Tensor, weight: Tensor | None = None, onto: Tensor | None = None, /
    ) -> Tensor:
        """Backward pass of `sums`, as `Statistic.backward`: the gradient is constant within each bin."""
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
        return gradient if onto is None else onto.add_(gradient)

    def matrix(self, sums: Tensor, positions: float, /) -> Tensor:
        """Return (D, BINS + 2), whose squared distance is Cramér's, in deviations, averaged over directions.

        The open bins contribute the square of the integral instead, which is no less and needs no further bins.
        """
        width = 2.0 * SPAN / BINS
        integrals = sums / (positions * sums.shape[0] ** 0.5)
        inner, outer = width**0.5 * integrals[:, 1:-1], width * integrals
        return torch.cat([outer[:, :1], inner, outer[:, -1:]], dim=1)


@torch.no_grad()
def build_histogram_term(recipe: Recipe, network: Network, region_styles: RegionStyles) -> StyleTerm:
    """Return the histogram term of a region. All its styles share the bins, which are centred on their mixture."""
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
            targets[tap].append(Target(bins[tap].matrix(sums[tap], position_count).to(form), factor))
    areas = {} if region_styles.guides is None else region_styles.areas
    return StyleTerm(bins, targets, region_styles.guides, areas)


def _bins(network: Network, sources: Sequence[StyleSource], layers: Sequence[str]) -> dict[str, Bins]:
    """Return the bins of each layer, in float64 on the CPU."""
    found: dict[str, list[tuple[Tensor, float]]] = {tap: [] for tap in layers}
    for source in sources:
        sums = source.sums(
            network, "moments", lambda _tap, *given: moments.sums(*given)
        )  # shares the cache with the statistic
        for tap, position_count in source.position_counts.items():
            found[tap].append((moments.matrix(sums[tap], position_count), source.share))
    return {tap: bins_for(_mix_moments(measured)) for tap, measured in found.items()}


def bins_for(measured: Tensor) -> Bins:
    """Return the bins for features with the `moments` ``measured`` (C + 1, C), in float64 on the CPU."""
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
    """Return D orthonormal directions (D, C), random but always the same."""
    count = min(channels, MAX_DIRECTIONS, max(MIN_DIRECTIONS, channels // 4))
    drawn = torch.randn((channels, count), generator=torch.Generator("cpu").manual_seed(0), dtype=torch.float64)
    orthonormal, _ = torch.linalg.qr(drawn)
    rows: Tensor = orthonormal.T.contiguous()
    return rows


def _mix_moments(measured: Sequence[tuple[Tensor, float]]) -> Tensor:
    """Return the moments of the mixture of several pictures, given (moments, share) of each."""
    total = sum(share for _, share in measured)
    parts = [(moments_of, share / total) for moments_of, share in measured]
    mean = torch.stack([share * one[-1] for one, share in parts]).sum(dim=0)
    second = torch.zeros_like(parts[0][0][:-1])
    for one, share in parts:
        second += share * (one[:-1] + torch.outer(one[-1], one[-1]))
    return torch.cat([second - torch.outer(mean, mean), mean[None]])


def _row_blocks(features: Tensor, directions: Tensor, weight: Tensor | None) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Yield blocks of rows (M', C) of features with their weights (M', 1).

    Each block has as many projections as PROJECTION_BLOCK or GPU_PROJECTION_BLOCK allows, which bounds the memory of
    the intermediate tensors.
    """
    rows = features.flatten(2).squeeze(0).T
    block_weight = None if weight is None else widen(weight).flatten()
    run = max(1, (PROJECTION_BLOCK if rows.device.type == "cpu" else GPU_PROJECTION_BLOCK) // directions.shape[0])
    for first in range(0, rows.shape[0], run):
        yield rows[first : first + run], None if block_weight is None else block_weight[first : first + run, None]


def _project(rows: Tensor, directions: Tensor, lowest: Tensor) -> Tensor:
    """Return the position of each row (M', C) along each direction, in bins: (M', D)."""
    return torch.addmm(-lowest, rows.to(directions.dtype), directions.T)


def _flat(position: Tensor) -> Tensor:
    """Return the bin indices (M' D,) of positions (M', D), 0 to BINS + 1 offset by direction, for a flat array of bins.

    NaN is put into some bin, and makes the sums NaN.
    """
    first = torch.arange(position.shape[1], dtype=torch.int32, device=position.device) * (BINS + 2)
    return position.to(torch.int32).clamp_(0, BINS + 1).add_(first).flatten()
