"""The regions of a painting: where each style is painted, and the style term of each region.

Theory of operation. Each style may have a mask, and is to determine only the part of the painting under its mask. All
regions are painted in one optimisation with one pass through the network, by guided Gram matrices (Gatys et al.,
Controlling Perceptual Factors in Neural Style Transfer, arXiv:1611.07865): the statistic of a region weights each
position by the region's guide. With features f_p at the positions p of a layer, guide g_r(p) in 0..1 of region r and
area M_r = sum_p g_r(p), the Gram matrix of the region and the term for its styles s are

    G_r = sum_p g_r(p) f_p f_p^T / M_r,    E_r = share_r sum_l sum_s k_ls ||G_r - A_s||^2

A_s is the statistic of style s, weighted by the style's own cover in the same way. This is the paper's G = F^T F with
the guidance channel T = sqrt(g_r / M_r), whose squares sum to 1. `propagate_guides` averages the mask over what each
convolution and pooling sees. Covariance, moments and histograms are weighted alike.

Invariant: the unmasked styles get 1 minus the sum of all masks. Unless masks overlap, the regions therefore sum to 1 at
every pixel, their guides to 1 at every position of every layer, and sum_r M_r G_r is the unguided Gram sum: no position
is lost or counted twice. A guide only weights sums over positions, so the sums of tiles still add up.

Dividing by M_r makes G_r comparable with a style picture of any size. It also makes the gradient of G_r at a position
proportional to 1 / M_r. The factor share_r, the region's part of the visible area, compensates: a pixel of a small
region is pulled as strongly as one of a large region.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..recipe import Recipe
from ..vgg.network import Network
from .guides import Guides, guide_sum, propagate_guides
from .normalisation import layer_shares, style_shares, style_targets
from .statistics import STATISTICS
from .style_sources import Segmenter, StyleSource, positions
from .terms import StyleTerm, Target


@dataclass(frozen=True, eq=False)
class StylePicture:
    """Centred pixels (1, 3, H, W) of a style, at the size at which it is measured, and its weight.

    ``cover`` (1, 1, H, W), 0..1, weights the pixels in the measurement; None for equal weights. ``mask``
    (1, 1, H', W'), 0..1, of the painting's size, is where the style is painted; None for the rest of the painting,
    outside all masks. ``layers`` are those at which it is measured; None for all style layers of the recipe.
    """

    x: Tensor
    weight: float
    cover: Tensor | None = None
    mask: Tensor | None = None
    layers: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class RegionStyles:
    """A region, and the style pictures to be measured for it.

    ``guides`` are the region's guides at each style layer, None for the whole painting, ``areas`` its number of
    positions there, and ``share`` its part of the painting's visible area.
    """

    guides: Guides | None
    areas: Mapping[str, float]
    share: float
    styles: Sequence[Sequence[StyleSource]]
    """For each style at each stroke size: its rotations."""


MIN_MASK = 1.0 / 512.0
"""A region whose mask is nowhere above this is left out: about half a grey level."""


@dataclass(frozen=True, eq=False)
class PaintedRegion:
    """A region of the painting with the styles in which it is painted.

    ``map`` (1, 1, H, W), 0..1, is how much each pixel belongs to the region, None for the whole painting; ``share`` is
    its part of the painting's visible area.
    """

    map: Tensor | None
    share: float
    styles: Sequence[StylePicture]

    def region_styles(self, recipe: Recipe, size: tuple[int, int], segmenter: Segmenter) -> RegionStyles:
        """Return the region and its styles at the recipe's style layers, for a painting of ``size`` (height, width).

        Unmasked styles share their region in proportion to their weights; the weight of a masked style is its strength.
        At each layer a style is measured at one stroke size.
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
        beside = [other for other in self.styles if other.layers == style.layers]  # at the same stroke size
        shares = style_shares(recipe.normalisation, [other.weight for other in beside])
        return shares[beside.index(style)]


def painted_regions(styles: Sequence[StylePicture], cover: Tensor | None) -> list[PaintedRegion]:
    """Return the regions of a painting, whose opacity is ``cover`` (1, 1, H, W), 0..1, or 1 if None.

    One region for each mask, and one for the rest if there are unmasked styles. Regions that are visible nowhere are
    left out; the rest of a resized full mask is rounding error, which would vanish in float16 guides.
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
    """Return the style term of a region: its statistics compared with those of its styles, weighted by its area."""
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
    statistics = dict.fromkeys(layers, STATISTICS[recipe.statistic])
    return StyleTerm(statistics, targets, region_styles.guides, areas)


@dataclass(frozen=True, eq=False)
class _StyleStatistic:
    """A style's statistic at a layer, its number of positions, and its share."""

    matrix: Tensor
    position_count: float
    share: float


def _measure_style(recipe: Recipe, network: Network, turns: Sequence[StyleSource]) -> dict[str, _StyleStatistic]:
    """Return the statistic of a style at each of its layers, averaged over its rotations."""
    statistic = STATISTICS[recipe.statistic]
    found: dict[str, list[_StyleStatistic]] = {}
    for source in turns:
        sums = source.sums(network, recipe.statistic, lambda _tap, features, weight: statistic.sums(features, weight))
        for tap, position_count in source.position_counts.items():
            matrix = statistic.matrix(sums[tap], position_count).to(source.x)
            found.setdefault(tap, []).append(_StyleStatistic(matrix, position_count, source.share))
    return {tap: _weighted_mean(several) for tap, several in found.items()}


def _blend(recipe: Recipe, measured: Sequence[_StyleStatistic]) -> Sequence[_StyleStatistic]:
    """Return every style's statistic, or one blend of them all, as the recipe says.

    The squared distances to several targets sum to the squared distance to their mean plus a constant, so both give the
    same result if each difference has the same factor ("sum", "mean"). Under "relative" each difference is divided by
    its own target, so separate targets favour styles of low contrast; one blended target does not.
    """
    if recipe.blend == "each" or len(measured) == 1:
        return measured
    if recipe.normalisation == "sum":  # raw sums: weighted by area
        measured = [_StyleStatistic(one.position_count * one.matrix, 1.0, one.share) for one in measured]
    return [_weighted_mean(measured)]


def _weighted_mean(several: Sequence[_StyleStatistic]) -> _StyleStatistic:
    """Return the mean weighted by share; its share is the sum of the shares."""
    if len(several) == 1:
        return several[0]
    share = sum(one.share for one in several)
    matrix = torch.stack([one.share / share * one.matrix for one in several]).sum(dim=0)
    return _StyleStatistic(matrix, sum(one.share / share * one.position_count for one in several), share)
