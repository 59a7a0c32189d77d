"""Conversion between pictures, (H, W, 3) RGB 0..1, and centred pixels, (1, 3, H, W) tensors in levels of 255."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...errors import InputError
from ..vgg.layers import MIN_SIDE
from ..vgg.network import Network

Picture = NDArray[np.floating[Any]]
"""(H, W, 3) RGB, 0..1."""

Cover = NDArray[np.floating[Any]]
"""(H, W), 0..1: the visibility, or weight, of each pixel."""

HALF = 128.0
"""The seed preset's centre: half of the 256 levels."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """The least and greatest centred pixel, each (1, 3, 1, 1)."""

    lower: Tensor
    upper: Tensor

    def clamp(self, x: Tensor) -> Tensor:
        """Return x with every pixel clamped to the bounds."""
        return torch.clamp(x, min=self.lower, max=self.upper)


def to_levels(picture: Picture, what: str, dtype: torch.dtype, too_small: str = "layer-too-small") -> Tensor:
    """Convert a picture to levels 0..255, (1, 3, H, W) of ``dtype``; values outside 0..1 are not clipped.

    ``what`` names it in error messages. InputError: ``picture-malformed``, ``too_small`` for a side under 16 pixels,
    ``pixels-not-finite``.
    """
    array = np.asarray(picture)
    if array.ndim != 3 or array.shape[2] != 3 or not np.issubdtype(array.dtype, np.floating):
        raise InputError(
            "picture-malformed",
            f"The {what} is an array of {array.dtype} {array.shape}, not of floats (height, width, 3).",
            "Give RGB pixels within 0..1.",
        )
    height, width, _ = array.shape
    if min(height, width) < MIN_SIDE:
        raise InputError(
            too_small,
            f"The {what} is {width} x {height} pixels: too small to paint.",
            f"Both sides must have at least {MIN_SIDE} pixels.",
        )
    if not np.isfinite(array).all():
        raise InputError(
            "pixels-not-finite",
            f"The {what} has pixels that are not finite (NaN or infinite).",
            "Convert it to 8 or 16 bits, or repair it, and send it again.",
        )
    return torch.tensor(array.transpose(2, 0, 1)[np.newaxis], dtype=dtype).mul_(255.0)


def to_picture(x: Tensor, centre: Tensor) -> NDArray[np.float32]:
    """Convert centred pixels (1, 3, H, W) to a picture (H, W, 3), clipped to 0..1."""
    levels = torch.clamp((x + centre.to(x)) / 255.0, 0.0, 1.0)
    array: NDArray[np.float32] = levels[0].permute(1, 2, 0).to("cpu", torch.float32).contiguous().numpy()
    return array


def centre_of(levels: Tensor, kind: str, network: Network) -> Tensor:
    """Return the centre (1, 3, 1, 1) that is subtracted from a picture's levels (1, 3, H, W) before the network.

    ``kind`` is the recipe's ``centre``: "half" is 128, "picture" the picture's own RGB mean, "network" the network's.
    """
    if kind == "picture":
        return levels.mean(dim=(2, 3), keepdim=True)
    colour = network.mean if kind == "network" else (HALF, HALF, HALF)
    return torch.tensor(colour, dtype=levels.dtype).reshape(1, 3, 1, 1)
