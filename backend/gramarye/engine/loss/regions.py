"""Where each style of a painting is painted: the regions that masks make, and what the styles demand of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..recipe import Recipe
from ..vgg.network import Network
from .guides import Guides, guide_sum, propagate_guides
from .measures import STATISTICS
from .normalisation import layer_shares, style_shares, style_targets
from .style_sources import Segmenter, StyleSource, positions
from .terms import StyleTerm, Target


@dataclass(frozen=True, eq=False)
class StylePicture:
    """Centred pixels (1, 3, H, W) of a style at a size to measure it at, and its weight.

    ``cover`` (1, 1, H, W), 0..1, says how much each of them counts: None, all alike. ``mask`` (1, 1, H', W'), 0..1, of
    the painting's size, says where the style is painted: None, wherever no other's mask is. ``layers`` are those that
    it is measured at; None for all of the recipe's.
    """

    x: Tensor
    weight: float
    cover: Tensor | None = None
    mask: Tensor | None = None
    layers: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class RegionStyles:
    """What is measured of a region, and of its styles.

    ``propagate_guides`` are the region at each style layer, None for the whole painting, and ``areas`` its positions there;
    ``share`` is its part of the painting's area.
    """

    guides: Guides | None
    areas: Mapping[str, float]
    share: float
    styles: Sequence[Sequence[StyleSource]]
    """Of each style, at each stroke size: its turns."""


MIN_MASK = 1.0 / 512.0
"""How much of a pixel is nothing: half of a mask's least grey."""


@dataclass(frozen=True, eq=False)
class PaintedRegion:
    """A part of the painting with the styles that it is painted in.

    ``map`` (1, 1, H, W), 0..1, is how much each pixel belongs to it, None for the whole painting; ``share`` its part of
    the painting's area.
    """

    map: Tensor | None
    share: float
    styles: Sequence[StylePicture]

    def region_styles(self, recipe: Recipe, size: tuple[int, int], segmenter: Segmenter) -> RegionStyles:
        """In a painting of ``size`` (height, width), for the recipe's style layers.

        Styles of the whole painting, or of all that masks leave, share it as their weights say; a masked one's weight
        is its strength. At each layer a style counts at one stroke size.
        """
        layers = recipe.style_layers
        own = None if self.map is None else propagate_guides(self.map, layers)
        areas = {tap: float(positions(*size, tap)) if own is None else guide_sum(own[tap]) for tap in layers}
        found = []
        for style in self.styles:
            taps = layers if style.layers is None else style.layers
            share = self._share(recipe, style)
            found.append(StyleSource.rotations(style.x, style.cover, taps, segmenter, share, recipe.any_direction))
        return RegionStyles(own, areas, self.share, found)

    def _share(self, recipe: Recipe, style: StylePicture) -> float:
        if style.mask is not None:
            return style.weight
        beside = [other for other in self.styles if other.layers == style.layers]  # of its stroke size
        shares = style_shares(recipe.normalisation, [other.weight for other in beside])
        return shares[beside.index(style)]


def painted_regions(styles: Sequence[StylePicture], cover: Tensor | None) -> list[PaintedRegion]:
    """The parts of a painting, which ``cover`` (1, 1, H, W), 0..1, says how much of each pixel is seen of.

    One for every mask; one of all that they leave, where there are styles without. None for what is nowhere seen: of a
    mask at another size rounding leaves crumbs, which guides in float16 lose.
    """
    masks = list({id(style.mask): style.mask for style in styles if style.mask is not None}.values())
    if not masks:
        return [PaintedRegion(cover, 1.0, styles)]
    unmasked = [style for style in styles if style.mask is None]
    parts = [(mask, [style for style in styles if style.mask is mask]) for mask in masks]
    if unmasked:
        parts.append(((1.0 - sum(masks, torch.zeros_like(masks[0]))).clamp_(0.0, 1.0), unmasked))
    whole = float(masks[0].numel()) if cover is None else guide_sum(cover)
    found = []
    for mask, own in parts:
        seen = mask if cover is None else mask * cover
        if seen.max() > MIN_MASK:
            found.append(PaintedRegion(seen, guide_sum(seen) / whole, own))
    return found


@torch.no_grad()
def build_style_term(recipe: Recipe, network: Network, region_styles: RegionStyles) -> StyleTerm:
    """The statistics of a region against its styles'.

    A region weighs as its area does, so that a pixel is pulled as hard in a small one.
    """
    layers = recipe.style_layers
    by_layer = dict(zip(layers, layer_shares(recipe.style_layer_weights, len(layers)), strict=True))
    measured = [_measure_style(recipe, network, style) for style in region_styles.styles]
    targets: dict[str, list[Target]] = {layer: [] for layer in layers}
    for layer in layers:
        for one in _blend(recipe, [of_style[layer] for of_style in measured if layer in of_style]):
            targets[layer] += style_targets(
                recipe.normalisation,
                one.matrix,
                area=one.position_count / region_styles.areas[layer],
                share=region_styles.share * one.share * by_layer[layer],
                layers=len(layers),
            )
    areas = {} if region_styles.guides is None else region_styles.areas
    return StyleTerm(STATISTICS[recipe.statistic], targets, region_styles.guides, areas)


@dataclass(frozen=True, eq=False)
class _StyleStatistic:
    """A style's statistic at a layer, of how many positions, and its share."""

    matrix: Tensor
    position_count: float
    share: float


def _measure_style(recipe: Recipe, network: Network, turns: Sequence[StyleSource]) -> dict[str, _StyleStatistic]:
    """A style at each of its layers: on average over its turns."""
    statistic = STATISTICS[recipe.statistic]
    found: dict[str, list[_StyleStatistic]] = {}
    for source in turns:
        sums = source.sums(network, recipe.statistic, lambda _tap, features, weight: statistic.sums(features, weight))
        for tap, position_count in source.position_counts.items():
            matrix = statistic.matrix(sums[tap], position_count).to(source.x)
            found.setdefault(tap, []).append(_StyleStatistic(matrix, position_count, source.share))
    return {tap: _weighted_mean(several) for tap, several in found.items()}


def _blend(recipe: Recipe, measured: Sequence[_StyleStatistic]) -> Sequence[_StyleStatistic]:
    """Every style's own statistic, or one that blends them all.

    The squared distances to several targets add up to the one to their mean, and a constant: so both ways paint alike
    where each difference costs the same ("sum", "mean"). Under "relative" each is measured against its own target, and
    the sum leans towards styles of little contrast, which the one blended target does not.
    """
    if recipe.blend == "each" or len(measured) == 1:
        return measured
    if recipe.normalisation == "sum":  # raw sums: each counts by its own area
        measured = [_StyleStatistic(one.position_count * one.matrix, 1.0, one.share) for one in measured]
    return [_weighted_mean(measured)]


def _weighted_mean(several: Sequence[_StyleStatistic]) -> _StyleStatistic:
    """By their shares, which it has together."""
    if len(several) == 1:
        return several[0]
    share = sum(one.share for one in several)
    matrix = torch.stack([one.share / share * one.matrix for one in several]).sum(dim=0)
    return _StyleStatistic(matrix, sum(one.share / share * one.position_count for one in several), share)
