"""The objective of a painting: what its terms are, and their weighted sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .layers import stride
from .network import Network
from .normalisation import content_target, layer_shares, style_shares, style_target
from .recipe import Recipe
from .statistics import STATISTICS
from .terms import Content, Style, Target, Term, TotalVariation


@dataclass(frozen=True, eq=False)
class WeightedTerm:
    """A term under the name and with the weight that it has in the sum."""

    name: str
    weight: float
    term: Term


@dataclass(frozen=True, eq=False)
class Objective:
    """sum weight x term."""

    terms: Sequence[WeightedTerm]

    @property
    def taps(self) -> tuple[str, ...]:
        """The layers whose features it needs."""
        return tuple(dict.fromkeys(tap for weighted in self.terms for tap in weighted.term.taps))

    def parts(self, x: Tensor, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Each term's weighted value, a scalar tensor, by its name: they add up to the objective."""
        return {w.name: w.weight * w.term(x, features) for w in self.terms}


@dataclass(frozen=True, eq=False)
class StylePicture:
    """Centred pixels (1, 3, H, W) of a style at the size to measure it, and its weight."""

    x: Tensor
    weight: float


@torch.no_grad()
def pose(recipe: Recipe, network: Network, content: Tensor, styles: Sequence[StylePicture]) -> Objective:
    """The recipe's objective for a painting of the size of ``content`` (centred pixels, (1, 3, H, W)).

    Terms without weight are left out: their layers are not computed. WeightsError ``network-too-shallow``.
    """
    terms: list[WeightedTerm] = []
    if recipe.content_weight and recipe.content_layers:
        term = Content(_content_targets(recipe, network, content))
        terms.append(WeightedTerm("content", recipe.content_weight, term))
    if recipe.style_weight and recipe.style_layers:
        style = Style(STATISTICS[recipe.statistic], _style_targets(recipe, network, content, styles))
        terms.append(WeightedTerm("style", recipe.style_weight, style))
    if recipe.tv_weight:
        variation = TotalVariation(relative=recipe.normalisation == "relative")
        terms.append(WeightedTerm("tv", recipe.tv_weight, variation))
    return Objective(terms)


def _content_targets(recipe: Recipe, network: Network, content: Tensor) -> dict[str, Target]:
    layers = recipe.content_layers
    return {
        tap: content_target(recipe.normalisation, features, len(layers))
        for tap, features in network.walk(content, layers)
    }


def _style_targets(
    recipe: Recipe, network: Network, content: Tensor, styles: Sequence[StylePicture]
) -> dict[str, list[Target]]:
    layers = recipe.style_layers
    by_layer = dict(zip(layers, layer_shares(recipe.style_layer_weights, len(layers)), strict=True))
    shares = style_shares(recipe.normalisation, [style.weight for style in styles])
    targets: dict[str, list[Target]] = {layer: [] for layer in layers}
    for style, share in zip(styles, shares, strict=True):
        for tap, features in network.walk(style.x, layers):
            targets[tap].append(
                style_target(
                    recipe.normalisation,
                    STATISTICS[recipe.statistic](features),
                    area=_positions(style.x, tap) / _positions(content, tap),
                    share=share * by_layer[tap],
                    layers=len(layers),
                )
            )
    return targets


def _positions(x: Tensor, tap: str) -> int:
    """M = H' W' of a picture's features at a tap: odd sizes round up."""
    return -(-x.shape[2] // stride(tap)) * -(-x.shape[3] // stride(tap))
