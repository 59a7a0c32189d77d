"""What the styles of a painting demand: where each counts, and the statistics that the painting is measured against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from .guides import counted, guides
from .layers import stride
from .network import Network
from .normalisation import layer_shares, style_shares, style_target
from .recipe import Recipe
from .segments import Segment
from .statistics import STATISTICS
from .terms import Style, Target
from .tiles import Passage

QUARTERS = 4
"""Turns by quarters that a style is measured in where strokes may run in any direction."""

Cut = Callable[[int, int, Sequence[str]], Sequence[Segment]]
"""(height, width, taps) -> how a picture of that size is cut on its way to the taps."""


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
class Region:
    """A part of the painting with the styles that it is painted in.

    ``map`` (1, 1, H, W), 0..1, is how much each pixel belongs to it, None for the whole painting; ``share`` its part of
    the painting's area.
    """

    map: Tensor | None
    share: float
    styles: Sequence[StylePicture]


def regions(styles: Sequence[StylePicture], cover: Tensor | None) -> list[Region]:
    """The parts of a painting, which ``cover`` (1, 1, H, W), 0..1, says how much of each pixel is seen of.

    One for every mask; one of all that they leave, where there are styles without.
    """
    masks = list({id(style.mask): style.mask for style in styles if style.mask is not None}.values())
    if not masks:
        return [Region(cover, 1.0, styles)]
    free = [style for style in styles if style.mask is None]
    parts = [(mask, [style for style in styles if style.mask is mask]) for mask in masks]
    if free:
        parts.append(((1.0 - sum(masks, torch.zeros_like(masks[0]))).clamp_(0.0, 1.0), free))
    whole = float(masks[0].numel()) if cover is None else counted(cover)
    found = []
    for mask, own in parts:
        seen = mask if cover is None else mask * cover
        if (share := counted(seen) / whole) > 0.0:
            found.append(Region(seen, share, own))
    return found


@torch.no_grad()
def style_terms(
    recipe: Recipe, network: Network, size: tuple[int, int], parts: Sequence[Region], cut: Cut
) -> list[Style]:
    """One term for each region of a painting of ``size`` (height, width).

    A region weighs as its area does, so that a pixel is pulled as hard in a small one. Styles of the whole painting, or
    of all that masks leave, share it as their weights say; a masked one's weight is its strength.
    """
    return [_term(recipe, network, size, region, cut) for region in parts]


def _term(recipe: Recipe, network: Network, size: tuple[int, int], region: Region, cut: Cut) -> Style:
    own = None if region.map is None else guides(region.map, recipe.style_layers)
    areas = {} if own is None else {tap: counted(guide) for tap, guide in own.items()}
    layers = recipe.style_layers
    by_layer = dict(zip(layers, layer_shares(recipe.style_layer_weights, len(layers)), strict=True))
    measured = [(style, _measured(recipe, network, style, cut)) for style in region.styles]
    targets: dict[str, list[Target]] = {}
    for layer in layers:
        there = [(style, found[layer]) for style, found in measured if layer in found]
        shares = _shares(recipe, [style for style, _ in there])
        area = areas.get(layer, positions(*size, layer))
        targets[layer] = [
            style_target(
                recipe.normalisation,
                matrix,
                area=extent / area,
                share=region.share * share * by_layer[layer],
                layers=len(layers),
            )
            for matrix, extent, share in _blended(recipe, [found for _, found in there], shares)
        ]
    return Style(STATISTICS[recipe.statistic], targets, own, areas)


def _shares(recipe: Recipe, styles: Sequence[StylePicture]) -> Sequence[float]:
    weights = [style.weight for style in styles]
    return weights if styles[0].mask is not None else style_shares(recipe.normalisation, weights)


Measured = tuple[Tensor, float]
"""A style's statistic at a layer, and how many positions it is of."""


def _blended(
    recipe: Recipe, measured: Sequence[Measured], shares: Sequence[float]
) -> list[tuple[Tensor, float, float]]:
    """Statistic, positions and share of each target: every style's own, or one that blends them all.

    The squared distances to several targets add up to the one to their mean, and a constant: so both ways paint alike
    where each difference costs the same ("sum", "mean"). Under "relative" each is measured against its own target, and
    the sum leans towards styles of little contrast, which the one blended target does not.
    """
    if recipe.blend == "each" or len(measured) == 1:
        return [(matrix, extent, share) for (matrix, extent), share in zip(measured, shares, strict=True)]
    total = sum(shares)
    if recipe.normalisation == "sum":  # raw sums: each counts by its own area
        matrix = sum((share * extent * m for (m, extent), share in zip(measured, shares, strict=True)), torch.zeros(()))
        return [(matrix / total, 1.0, total)]
    matrix = sum((share * m for (m, _), share in zip(measured, shares, strict=True)), torch.zeros(()))
    return [(matrix / total, measured[0][1], total)]


def _measured(recipe: Recipe, network: Network, style: StylePicture, cut: Cut) -> dict[str, Measured]:
    """The style at each of its layers: on average over its turns, where there are any."""
    turns = [style.x, *(_turned(style.x, quarter) for quarter in range(1, QUARTERS if recipe.any_direction else 1))]
    covers = [None if style.cover is None else _turned(style.cover, quarter) for quarter in range(len(turns))]
    found = [_once(recipe, network, x, cover, style.layers, cut) for x, cover in zip(turns, covers, strict=True)]
    count = len(found)
    return {
        tap: (sum((turn[tap][0] for turn in found), torch.zeros(())) / count, sum(t[tap][1] for t in found) / count)
        for tap in found[0]
    }


def _once(
    recipe: Recipe, network: Network, x: Tensor, cover: Tensor | None, layers: tuple[str, ...] | None, cut: Cut
) -> dict[str, Measured]:
    """One picture's statistic, from memory where it has been measured before."""
    taps = recipe.style_layers if layers is None else layers
    own = {} if cover is None else guides(cover, taps)
    segments = tuple(cut(x.shape[2], x.shape[3], taps))
    asked = (recipe.statistic, taps, segments, network.dtype)
    pixels = x if cover is None else torch.cat([x, cover], dim=1)
    known = network.known.recall(asked, pixels, partial(_sums, recipe, network, x, own, taps, segments))
    extents = {tap: counted(own[tap]) if tap in own else positions(x.shape[2], x.shape[3], tap) for tap in taps}
    statistic = STATISTICS[recipe.statistic]
    return {tap: (statistic.matrix(sums, extents[tap]).to(x), extents[tap]) for tap, sums in known.items()}


def _sums(
    recipe: Recipe,
    network: Network,
    x: Tensor,
    own: dict[str, Tensor],
    taps: Sequence[str],
    segments: Sequence[Segment],
) -> dict[str, Tensor]:
    """The statistic's sums over a style picture (1, 3, H, W) at some layers, in float64."""
    statistic = STATISTICS[recipe.statistic]
    sums: dict[str, Tensor] = {}
    for tap, region, features in Passage(network, segments, taps, x).features():
        weight = own[tap][(..., *region)] if tap in own else None
        added = statistic.sums(features, weight).to("cpu", torch.float64)
        sums[tap] = sums[tap] + added if tap in sums else added
    return sums


def positions(height: int, width: int, tap: str) -> int:
    """M = H' W' of a picture's features at a tap: odd sizes round up."""
    return -(-height // stride(tap)) * -(-width // stride(tap))


def _turned(x: Tensor, quarters: int) -> Tensor:
    return torch.rot90(x, quarters, (2, 3)).contiguous() if quarters else x
