"""Recolouring a picture to the mean and covariance of other pictures, for a start close to a style's colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..loss.regions import StylePicture

NOISE = 4.0
"""Standard deviation, in levels of 255, that counts as noise: near-colourless grain is not amplified."""


@dataclass(frozen=True, eq=False)
class Palette:
    """Mean (3,) and covariance (3, 3) of a picture's colours, in float64 on the CPU."""

    mean: Tensor
    covariance: Tensor

    def resembles(self, other: Palette) -> bool:
        """Return whether both are equal up to noise."""
        means, covariances = self.mean - other.mean, self.covariance - other.covariance
        return bool(means.abs().max() <= 1.0) and bool(covariances.abs().max() <= NOISE**2)


def palette(pictures: Sequence[StylePicture]) -> Palette:
    """Return the palette of all pixels of several pictures, weighted by the pictures' weights."""
    total = sum(picture.weight for picture in pictures)
    mean, square = torch.zeros(3, dtype=torch.float64), torch.zeros(3, 3, dtype=torch.float64)
    for picture in pictures:
        own = _palette_of(picture.x, picture.cover)
        mean += picture.weight / total * own.mean
        square += picture.weight / total * (own.covariance + torch.outer(own.mean, own.mean))
    return Palette(mean, square - torch.outer(mean, mean))


def recolour(x: Tensor, wanted: Palette, keeps_mean: bool = False, seen: Tensor | None = None) -> Tensor:
    """Return x (1, 3, H, W) with the colours of a palette, by the linear map of least change.

    Between normal distributions of covariances A and B that is T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2, the Monge map of
    optimal transport (Pitie & Kokaram, The linear Monge-Kantorovitch linear colour mapping, CVMP 2007). With
    ``keeps_mean`` the mean colour stays. ``seen`` (1, 1, H, W), 0..1, weights the pixels of x. Returns x itself if it
    already has these colours.
    """
    own = _palette_of(x, seen)
    wanted = replace(wanted, mean=own.mean) if keeps_mean else wanted
    if own.resembles(wanted):
        return x
    # colour/linear_maps.monge is this map in NumPy, for linear light; it clamps A's eigenvalues and adds no noise.
    noise = NOISE**2 * torch.eye(3, dtype=torch.float64)
    root = _matrix_sqrt(own.covariance + noise)
    inverse = torch.linalg.inv(root)
    transport = inverse @ _matrix_sqrt(root @ (wanted.covariance + noise) @ root) @ inverse
    shift = wanted.mean - transport @ own.mean
    mapped = torch.addmm(shift[:, None].to(x), transport.to(x), x[0].flatten(1))
    return mapped.view_as(x)


def _palette_of(x: Tensor, seen: Tensor | None) -> Palette:
    colours = x[0].flatten(1)
    if seen is None:
        mean = colours.mean(dim=1, keepdim=True)
        offset = colours - mean
        covariance = offset @ offset.T / offset.shape[1]
    else:
        weights = seen[0].flatten(1).to(colours)
        mean = (colours * weights).sum(dim=1, keepdim=True) / weights.sum()
        offset = colours - mean
        covariance = (offset * weights) @ offset.T / weights.sum()
    return Palette(*(value.to("cpu", torch.float64) for value in (mean[:, 0], covariance)))


def _matrix_sqrt(matrix: Tensor) -> Tensor:
    """The square root of a symmetric positive definite matrix."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = vectors @ torch.diag(values.sqrt()) @ vectors.T
    return root
