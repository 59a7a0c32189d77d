"""Content, style and total variation under three normalisations, each with its gradient.

"sum" is the seed recipe, "mean" is Gatys' recipe as scaled by jcjohnson's neural-style, "relative" divides each
difference by its target. F are features of the iterate, P of the content, A of a style picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from reference.arrays import Array, Taps
from reference.statistics import Statistic, positions, statistic, statistic_gradient

Normalisation: TypeAlias = Literal["sum", "mean", "relative"]

TINY = float(np.finfo(np.float32).tiny)
"""Least denominator of a relative term, reached only by an all-zero target."""


@dataclass(frozen=True)
class Term:
    """An unweighted value and its gradient w.r.t. the features of each layer."""

    value: float
    gradients: Mapping[str, Array]


@dataclass(frozen=True)
class ArrayTerm:
    """An unweighted value and its gradient w.r.t. one array: the pixels, or the features of one layer."""

    value: float
    gradient: Array


def content(features: Taps, targets: Taps, normalisation: Normalisation, *, tiny: float = TINY) -> Term:
    """Return the squared distance of features at the layers of `targets` (arXiv:1508.06576, equation 1).

    sum:      sum_l 1/2 sum (F - P)^2
    mean:     sum_l mean (F - P)^2
    relative: 1/L sum_l sum (F - P)^2 / max(sum P^2, tiny)
    """
    value, gradients = 0.0, {}
    for name, target in targets.items():
        difference = features[name] - target
        if normalisation == "sum":
            factor = 0.5
        elif normalisation == "mean":
            factor = 1.0 / difference.size
        else:
            factor = 1.0 / max(float(np.sum(target**2)), tiny) / len(targets)
        value += factor * float(np.sum(difference**2))
        gradients[name] = 2.0 * factor * difference
    return Term(value, gradients)


def style(
    features: Taps,
    styles: Sequence[Taps],
    weights: Sequence[float],
    normalisation: Normalisation,
    kind: Statistic = "gram",
    *,
    tiny: float = TINY,
) -> Term:
    """Return the squared distance of statistics at the layers of `styles` (arXiv:1508.06576, equations 4 and 5).

    `styles` holds the features of each style picture, of any size, at the same layers. w is the weight of a style, M
    and C are the iterate's positions and channels, and L is the number of layers. G and A are sums over the positions
    of the iterate and of the style picture, G^ and A^ the same divided by their number of positions.

    sum:      1/L sum_s w_s sum_l sum (G - A)^2 / (4 M^2 C^2)
    mean:     sum_s w_s/sum(w) sum_l mean ((G^ - A^) / C)^2
    relative: 1/L sum_s w_s/sum(w) sum_l ||G^ - A^||^2 / max(||A^||^2, tiny)

    For moments G is the covariance, and each layer has a second term for the means. With the difference d of the sums
    of features, d^ of the means, and the style's means a^: sum 1/L |d|^2 / (4 M^2 C); mean |d^|^2 / C; relative
    |d^|^2 / max(|a^|^2, tiny), and the layer costs the mean of both terms.
    """
    total_weight = 1.0 if normalisation == "sum" else float(sum(weights))
    value = 0.0
    gradients = {name: np.zeros_like(features[name]) for layers in styles for name in layers}
    for weight, layers in zip(weights, styles, strict=True):
        for name, picture in layers.items():
            layer = _style_layer(features[name], picture, normalisation, kind, tiny)
            share = weight / total_weight
            if normalisation != "mean":
                share /= len(layers)
            value += share * layer.value
            gradients[name] = gradients[name] + share * layer.gradient
    return Term(value, gradients)


def total_variation(pixels: Array, normalisation: Normalisation) -> ArrayTerm:
    """Return the sum of squared forward differences of neighbouring pixels in units of 0..255, all channels.

    sum, mean: 1/2 (sum dx^2 + sum dy^2)
    relative:  (sum dx^2 + sum dy^2) / (number of differences) / 255^2; 0 for a single pixel
    """
    vertical, horizontal = np.diff(pixels, axis=0), np.diff(pixels, axis=1)
    factor = 0.5
    if normalisation == "relative":
        factor = 1.0 / max(vertical.size + horizontal.size, 1) / 255.0**2
    gradient = np.zeros_like(pixels)
    gradient[1:] += vertical
    gradient[:-1] -= vertical
    gradient[:, 1:] += horizontal
    gradient[:, :-1] -= horizontal
    value = factor * float(np.sum(vertical**2) + np.sum(horizontal**2))
    return ArrayTerm(value, 2.0 * factor * gradient)


def _style_layer(
    features: Array, picture: Array, normalisation: Normalisation, kind: Statistic, tiny: float
) -> ArrayTerm:
    """Return the term of one layer of one style picture, without its weight and the number of layers."""
    normalise = normalisation != "sum"
    target = statistic(picture, kind, normalise=normalise)
    difference = statistic(features, kind, normalise=normalise) - target
    channels = features.shape[2]
    matrix, means = target[:channels], target[channels:]
    factors = np.zeros((len(target), 1))
    if normalisation == "sum":
        factors[:channels] = 1.0 / (4.0 * positions(features) ** 2 * channels**2)
        factors[channels:] = 1.0 / (4.0 * positions(features) ** 2 * channels)
    elif normalisation == "mean":
        factors[:channels] = 1.0 / channels**4  # the mean over C^2 entries, each divided by C and squared
        factors[channels:] = 1.0 / channels
    else:
        half = 0.5 if kind == "moments" else 1.0
        factors[:channels] = half / max(float(np.sum(matrix**2)), tiny)
        factors[channels:] = half / max(float(np.sum(means**2)), tiny)
    gradient = statistic_gradient(features, 2.0 * factors * difference, kind, normalise=normalise)
    return ArrayTerm(float(np.sum(factors * difference**2)), gradient)
