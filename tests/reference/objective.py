"""The objective: the weighted sum of the three terms, and its gradient w.r.t. the pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reference import terms, vgg
from reference.arrays import Array, Network, Taps
from reference.statistics import Statistic
from reference.terms import Normalisation

SEED_CONTENT_LAYERS = ("relu4_1",)
SEED_STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


@dataclass(frozen=True)
class Problem:
    """The fixed inputs of the objective: network, targets and weights."""

    network: Network
    content: Taps
    styles: tuple[Taps, ...]
    style_shares: tuple[float, ...]
    normalisation: Normalisation
    statistic: Statistic
    content_weight: float
    style_weight: float
    tv_weight: float


@dataclass(frozen=True)
class Evaluation:
    """The objective at one picture. The three terms are unweighted; `gradient` (H, W, 3) is of `total`."""

    total: float
    content: float
    style: float
    total_variation: float
    gradient: Array


def tap(network: Network, picture: Array, layers: Sequence[str]) -> dict[str, Array]:
    """Return the features of a centred picture at some layers."""
    if not layers:
        return {}
    taps = vgg.forward(network, picture, vgg.deepest(layers))
    return {name: taps[name] for name in layers}


def problem(
    network: Network,
    content: Array,
    styles: Sequence[Array],
    *,
    normalisation: Normalisation,
    content_layers: Sequence[str] = SEED_CONTENT_LAYERS,
    style_layers: Sequence[str] = SEED_STYLE_LAYERS,
    style_shares: Sequence[float] | None = None,
    statistic: Statistic = "gram",
    content_weight: float = 7.0,
    style_weight: float = 400.0,
    tv_weight: float = 0.0,
) -> Problem:
    """Return the problem for centred pictures (H, W, 3); `style_shares` are the weights of the styles (default: 1)."""
    return Problem(
        network=network,
        content=tap(network, content, content_layers),
        styles=tuple(tap(network, picture, style_layers) for picture in styles),
        style_shares=tuple([1.0] * len(styles) if style_shares is None else style_shares),
        normalisation=normalisation,
        statistic=statistic,
        content_weight=content_weight,
        style_weight=style_weight,
        tv_weight=tv_weight,
    )


def evaluate(setup: Problem, x: Array) -> Evaluation:
    """Return content_weight content + style_weight style + tv_weight total_variation at centred pixels x."""
    names = {*setup.content, *(name for layers in setup.styles for name in layers)}
    taps = vgg.forward(setup.network, x, vgg.deepest(names))
    content = terms.content(taps, setup.content, setup.normalisation)
    style = terms.style(taps, setup.styles, setup.style_shares, setup.normalisation, setup.statistic)
    variation = terms.total_variation(x, setup.normalisation)
    by_tap = {name: np.zeros_like(taps[name]) for name in names}
    for weight, term in ((setup.content_weight, content), (setup.style_weight, style)):
        for name, gradient in term.gradients.items():
            by_tap[name] = by_tap[name] + weight * gradient
    return Evaluation(
        total=setup.content_weight * content.value
        + setup.style_weight * style.value
        + setup.tv_weight * variation.value,
        content=content.value,
        style=style.value,
        total_variation=variation.value,
        gradient=vgg.backward(setup.network, taps, by_tap) + setup.tv_weight * variation.gradient,
    )
