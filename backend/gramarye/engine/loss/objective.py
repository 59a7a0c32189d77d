"""The objective of a painting: the weighted sum of its terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..recipe import Recipe
from ..tiling.segments import Region, Segment, uncut
from ..tiling.tiles import TiledPass
from ..vgg.layers import stride
from ..vgg.network import Network
from .guides import guide_sum, propagate_guides
from .histogram import build_histogram_term
from .laplacian import build_laplacian_term
from .normalisation import content_target
from .regions import PaintedRegion, StylePicture, build_style_term, painted_regions
from .style_sources import Segmenter, positions
from .terms import ContentTerm, PixelTerm, Term, TotalVariationTerm


@dataclass(frozen=True, eq=False)
class WeightedTerm:
    """A term on features with its name and weight in the sum."""

    name: str
    weight: float
    term: Term


@dataclass(frozen=True, eq=False)
class WeightedPixelTerm:
    """A term on pixels with its name and weight in the sum."""

    name: str
    weight: float
    term: PixelTerm


Key = tuple[str, str]
"""The name of a term, and a tap."""


@dataclass(frozen=True, eq=False)
class Objective:
    """The sum of weight times value over all terms."""

    terms: Sequence[WeightedTerm]
    pixel_terms: Sequence[WeightedPixelTerm] = ()

    @property
    def taps(self) -> tuple[str, ...]:
        """The layers whose features the terms need."""
        return tuple(dict.fromkeys(tap for weighted in self.terms for tap in weighted.term.taps))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all terms, terms on pixels last."""
        return (*(weighted.name for weighted in self.terms), *(weighted.name for weighted in self.pixel_terms))

    def positions(self, height: int, width: int) -> dict[str, int]:
        """Return the number of positions M at each tap for a picture of height x width pixels."""
        return {tap: positions(height, width, tap) for tap in self.taps}

    def measure(self, tap: str, features: Tensor, region: Region) -> dict[Key, Tensor]:
        """Return every term's sums over one region of a tap's positions, with features (1, C, h, w)."""
        return {(w.name, tap): w.term.sums(tap, features, region) for w in self.terms if tap in w.term.taps}

    def values(self, sums: Mapping[Key, Tensor], positions: Mapping[str, int]) -> dict[str, Tensor]:
        """Return the weighted value of each term, a scalar tensor, by name, given the sums over the whole picture."""
        return {
            w.name: w.weight * w.term.value({tap: sums[w.name, tap] for tap in w.term.taps}, positions)
            for w in self.terms
        }

    def backward(
        self, sums_gradients: Mapping[Key, Tensor], tap: str, features: Tensor, region: Region, onto: Tensor | None
    ) -> Tensor:
        """Backward pass of `measure`: return the gradient w.r.t. a region's features.

        ``sums_gradients`` is the gradient w.r.t. the sums over the whole picture. If ``onto`` is given, the result is
        added to it in place and ``onto`` is returned.
        """
        for w in self.terms:
            if tap in w.term.taps:
                onto = w.term.backward(tap, features, region, sums_gradients[w.name, tap], onto)
        assert onto is not None, "every tap belongs to a term"
        return onto

    def add_gradient(self, x: Tensor, gradient: Tensor) -> tuple[Tensor, ...]:
        """Add the weighted gradients of the pixel terms at x to ``gradient``; return their weighted values (1,)."""
        return tuple(w.term.add_gradient(x, w.weight, gradient) for w in self.pixel_terms)


def one_segment(_height: int, _width: int, taps: Sequence[str]) -> Sequence[Segment]:
    """Segmenter without tiles: every picture in one piece."""
    return uncut(taps)


@torch.no_grad()
def build_objective(
    recipe: Recipe,
    network: Network,
    content: Tensor,
    styles: Sequence[StylePicture],
    segmenter: Segmenter = one_segment,
    cover: Tensor | None = None,
) -> Objective:
    """Return the recipe's objective for a painting of the size of ``content`` (centred pixels, (1, 3, H, W)).

    ``cover`` (1, 1, H, W), 0..1, is the opacity of each pixel; the terms on features are weighted by it. Terms with
    weight 0 are left out, and their layers are not computed.

    Raises WeightsError ``network-too-shallow``.
    """
    terms: list[WeightedTerm] = []
    if recipe.content_weight and recipe.content_layers:
        term = _content_term(recipe, network, content, segmenter, cover)
        terms.append(WeightedTerm("content", recipe.content_weight, term))
    if recipe.style_layers and (recipe.style_weight or recipe.histogram_weight):
        parts = painted_regions(styles, cover)
        for number, part in enumerate(parts, start=1):
            terms += _region_terms(
                recipe, network, _size(content), part, segmenter, f" {number}" if len(parts) > 1 else ""
            )
    return Objective(terms, _pixel_terms(recipe, content, cover))


def _region_terms(
    recipe: Recipe, network: Network, size: tuple[int, int], part: PaintedRegion, segmenter: Segmenter, suffix: str
) -> list[WeightedTerm]:
    """Return the style and histogram terms of one region."""
    region_styles = part.region_styles(recipe, size, segmenter)
    found = []
    if recipe.style_weight:
        found.append(
            WeightedTerm(f"style{suffix}", recipe.style_weight, build_style_term(recipe, network, region_styles))
        )
    if recipe.histogram_weight:
        term = build_histogram_term(recipe, network, region_styles)
        found.append(WeightedTerm(f"histogram{suffix}", recipe.histogram_weight, term))
    return found


def _content_term(
    recipe: Recipe, network: Network, content: Tensor, segmenter: Segmenter, cover: Tensor | None
) -> ContentTerm:
    layers, segments = recipe.content_layers, tuple(segmenter(*_size(content), recipe.content_layers))
    measure = partial(_content_features, network, content, layers, segments)
    complete = network.feature_cache.get_or_measure(("content", layers, segments, network.dtype), content, measure)
    content_guides = None if cover is None else propagate_guides(cover, layers)
    targets = {
        tap: content_target(
            recipe.normalisation, features, len(layers), None if content_guides is None else content_guides[tap]
        )
        for tap, features in complete.items()
    }
    return ContentTerm(targets, content_guides)


def _content_features(
    network: Network, content: Tensor, layers: Sequence[str], segments: Sequence[Segment]
) -> dict[str, Tensor]:
    """Return the features of a content picture (1, 3, H, W) at each content layer, assembled from its tiles."""
    height, width = _size(content)
    complete: dict[str, Tensor] = {}
    for tap, region, features in TiledPass(network, segments, layers, content).features():
        if tap not in complete:
            size = (1, features.shape[1], -(-height // stride(tap)), -(-width // stride(tap)))
            complete[tap] = torch.empty(
                size, dtype=features.dtype, device=features.device, memory_format=torch.channels_last
            )
        complete[tap][(..., *region)] = features
    return complete


def _pixel_terms(recipe: Recipe, content: Tensor, cover: Tensor | None) -> list[WeightedPixelTerm]:
    """Return the terms on pixels.

    Under "relative" total variation is divided by the number of all pixels; its weight is divided by the visible
    fraction to compensate.
    """
    found = []
    is_relative = recipe.normalisation == "relative"
    if recipe.tv_weight:
        seen = guide_sum(cover) / cover.numel() if cover is not None and is_relative else 1.0
        found.append(WeightedPixelTerm("tv", recipe.tv_weight / seen, TotalVariationTerm(is_relative)))
    if recipe.laplacian_weight:
        edges = build_laplacian_term(content, recipe.normalisation)
        found.append(WeightedPixelTerm("laplacian", recipe.laplacian_weight, edges))
    return found


def _size(x: Tensor) -> tuple[int, int]:
    return x.shape[2], x.shape[3]
