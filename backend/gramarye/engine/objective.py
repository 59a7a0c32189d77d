"""The objective of a painting: what its terms are, and their weighted sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from .histogram import Histogram, histogram
from .laplacian import laplacian_towards
from .layers import stride
from .measures import STATISTICS
from .network import Network
from .normalisation import content_target, layer_shares, style_shares, style_targets
from .recipe import Recipe
from .segments import Region, Segment, whole
from .terms import Content, PixelTerm, Style, Target, Term, TotalVariation
from .tiles import Passage

EVERYWHERE: Region = (slice(None), slice(None))


@dataclass(frozen=True, eq=False)
class WeightedTerm:
    """A term under the name and with the weight that it has in the sum."""

    name: str
    weight: float
    term: Term


@dataclass(frozen=True, eq=False)
class WeightedPixelTerm:
    """The same for a term of the pixels."""

    name: str
    weight: float
    term: PixelTerm


Key = tuple[str, str]
"""A term's name and a tap."""


@dataclass(frozen=True, eq=False)
class Objective:
    """sum weight x term."""

    terms: Sequence[WeightedTerm]
    pixel_terms: Sequence[WeightedPixelTerm] = ()

    @property
    def taps(self) -> tuple[str, ...]:
        """The layers whose features it needs."""
        return tuple(dict.fromkeys(tap for weighted in self.terms for tap in weighted.term.taps))

    def positions(self, height: int, width: int) -> dict[str, int]:
        """M at each tap, for a picture of height x width pixels."""
        return {tap: positions(height, width, tap) for tap in self.taps}

    def measure(self, tap: str, features: Tensor, region: Region) -> dict[Key, Tensor]:
        """Every term's sums over a region of a tap's positions, whose features (1, C, h, w) are given."""
        return {(w.name, tap): w.term.sums(tap, features, region) for w in self.terms if tap in w.term.taps}

    def values(self, sums: Mapping[Key, Tensor], positions: Mapping[str, int]) -> dict[str, Tensor]:
        """Each term's weighted value, a scalar tensor, by its name, for the whole picture's sums."""
        return {
            w.name: w.weight * w.term.value({tap: sums[w.name, tap] for tap in w.term.taps}, positions)
            for w in self.terms
        }

    def descend(self, x: Tensor, gradient: Tensor) -> tuple[Tensor, ...]:
        """Add the pixel terms' weighted derivatives at x to ``gradient``; of each, runs that add up to its value."""
        return tuple(w.term.descend(x, w.weight, gradient) for w in self.pixel_terms)

    def parts(self, x: Tensor, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """`values` for a picture x whose features are all at hand."""
        sums: dict[Key, Tensor] = {}
        for tap, complete in features.items():
            sums.update(self.measure(tap, complete, EVERYWHERE))
        return self.values(sums, self.positions(x.shape[2], x.shape[3]))


@dataclass(frozen=True, eq=False)
class StylePicture:
    """Centred pixels (1, 3, H, W) of a style at the size to measure it, and its weight."""

    x: Tensor
    weight: float


Cut = Callable[[int, int, Sequence[str]], Sequence[Segment]]
"""(height, width, taps) -> how a picture of that size is cut on its way to the taps."""


def uncut(_height: int, _width: int, taps: Sequence[str]) -> Sequence[Segment]:
    """Every picture in one piece."""
    return whole(taps)


@torch.no_grad()
def pose(
    recipe: Recipe, network: Network, content: Tensor, styles: Sequence[StylePicture], cut: Cut = uncut
) -> Objective:
    """The recipe's objective for a painting of the size of ``content`` (centred pixels, (1, 3, H, W)).

    Terms without weight are left out: their layers are not computed. WeightsError ``network-too-shallow``.
    """
    terms: list[WeightedTerm] = []
    if recipe.content_weight and recipe.content_layers:
        term = Content(_content_targets(recipe, network, content, cut))
        terms.append(WeightedTerm("content", recipe.content_weight, term))
    if recipe.style_weight and recipe.style_layers:
        style = Style(STATISTICS[recipe.statistic], _style_targets(recipe, network, content, styles, cut))
        terms.append(WeightedTerm("style", recipe.style_weight, style))
    if recipe.histogram_weight and recipe.style_layers:
        terms.append(WeightedTerm("histogram", recipe.histogram_weight, _histogram(recipe, network, styles, cut)))
    return Objective(terms, _pixel_terms(recipe, content))


def positions(height: int, width: int, tap: str) -> int:
    """M = H' W' of a picture's features at a tap: odd sizes round up."""
    return -(-height // stride(tap)) * -(-width // stride(tap))


def _content_targets(recipe: Recipe, network: Network, content: Tensor, cut: Cut) -> dict[str, Target]:
    layers = recipe.content_layers
    height, width = _size(content)
    complete: dict[str, Tensor] = {}
    for tap, region, features in Passage(network, cut(height, width, layers), layers, content).features():
        if tap not in complete:
            size = (1, features.shape[1], -(-height // stride(tap)), -(-width // stride(tap)))
            complete[tap] = torch.empty(
                size, dtype=features.dtype, device=features.device, memory_format=torch.channels_last
            )
        complete[tap][(..., *region)] = features
    return {tap: content_target(recipe.normalisation, features, len(layers)) for tap, features in complete.items()}


def _style_targets(
    recipe: Recipe, network: Network, content: Tensor, styles: Sequence[StylePicture], cut: Cut
) -> dict[str, list[Target]]:
    layers = recipe.style_layers
    by_layer = dict(zip(layers, layer_shares(recipe.style_layer_weights, len(layers)), strict=True))
    shares = style_shares(recipe.normalisation, [style.weight for style in styles])
    targets: dict[str, list[Target]] = {layer: [] for layer in layers}
    for style, share in zip(styles, shares, strict=True):
        segments = tuple(cut(*_size(style.x), layers))
        asked = (recipe.statistic, layers, segments, network.dtype)
        known = network.known.recall(asked, style.x, partial(_measured, recipe, network, style.x, segments))
        for tap, measured in known.items():
            area = positions(*_size(style.x), tap) / positions(*_size(content), tap)
            weighed = share * by_layer[tap]
            targets[tap] += style_targets(recipe.normalisation, measured, area=area, share=weighed, layers=len(layers))
    return targets


def _measured(recipe: Recipe, network: Network, style: Tensor, segments: Sequence[Segment]) -> dict[str, Tensor]:
    """The statistic of a style picture (1, 3, H, W) at each style layer, summed in float64."""
    layers, statistic = recipe.style_layers, STATISTICS[recipe.statistic]
    sums: dict[str, Tensor] = {}
    for tap, _, features in Passage(network, segments, layers, style).features():
        added = statistic.sums(features).to("cpu", torch.float64)
        sums[tap] = sums[tap] + added if tap in sums else added
    return {tap: statistic.matrix(total, positions(*_size(style), tap)).to(style) for tap, total in sums.items()}


def _histogram(recipe: Recipe, network: Network, styles: Sequence[StylePicture], cut: Cut) -> Histogram:
    layers, total = recipe.style_layers, sum(style.weight for style in styles)
    shares = layer_shares(recipe.style_layer_weights, len(layers))
    return histogram(
        network,
        [(style.x, tuple(cut(*_size(style.x), layers)), style.weight / total) for style in styles],
        {layer: share / len(layers) for layer, share in zip(layers, shares, strict=True)},
    )


def _pixel_terms(recipe: Recipe, content: Tensor) -> list[WeightedPixelTerm]:
    found = []
    if recipe.tv_weight:
        variation = TotalVariation(relative=recipe.normalisation == "relative")
        found.append(WeightedPixelTerm("tv", recipe.tv_weight, variation))
    if recipe.laplacian_weight:
        edges = laplacian_towards(content, recipe.normalisation)
        found.append(WeightedPixelTerm("laplacian", recipe.laplacian_weight, edges))
    return found


def _size(x: Tensor) -> tuple[int, int]:
    return x.shape[2], x.shape[3]
