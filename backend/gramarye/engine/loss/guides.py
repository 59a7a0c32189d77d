"""Guides: a mask of pixels, propagated to the positions of each layer.

Guidance channels: Gatys et al., Controlling Perceptual Factors in Neural Style Transfer (arXiv:1611.07865), "Spatial
Control".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from ..tiling.segments import Region
from ..vgg.layers import up_to

Guides = Mapping[str, Tensor]
"""The weight of each position by tap, (1, 1, H', W') in 0..1."""


def propagate_guides(mask: Tensor, taps: Iterable[str]) -> dict[str, Tensor]:
    """Return the guide of a mask (1, 1, H, W), 0..1, at each tap.

    Each 3x3 convolution averages the mask over 3x3 windows, each pooling over 2x2 windows; windows are clipped at the
    borders. Averaging is linear: masks that sum to one do so at every layer, and the Gram sums of regions add up to
    those of the picture. Guides of float32 masks are stored in float16.
    """
    wanted = frozenset(taps)
    found = {}
    for layer in up_to(wanted):
        if layer.startswith("conv"):
            mask = functional.avg_pool2d(mask, 3, stride=1, padding=1, count_include_pad=False)
        elif layer.startswith("pool"):
            mask = functional.avg_pool2d(mask, 2, ceil_mode=True, count_include_pad=False)
        if layer in wanted:
            found[layer] = mask.to(torch.float16) if mask.dtype == torch.float32 else mask
    return found


def guide_at(found: Guides | None, tap: str, region: Region) -> Tensor | None:
    """Return the guide of a region's positions, (1, 1, h, w); None without guides, where all positions count once."""
    return None if found is None else found[tap][(..., *region)]


def guide_sum(guide: Tensor) -> float:
    """Return the sum of a guide or mask, its number of positions. This synchronises with the device."""
    return float(guide.sum(dtype=torch.float64 if guide.device.type != "mps" else torch.float32))
