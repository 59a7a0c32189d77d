"""Where features count: a mask of pixels, carried along the network to every layer's positions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from ..tiling.segments import Region
from ..vgg.layers import up_to

Guides = Mapping[str, Tensor]
"""By tap: how much each position counts, (1, 1, H', W') in 0..1."""


def propagate_guides(mask: Tensor, taps: Iterable[str]) -> dict[str, Tensor]:
    """A mask (1, 1, H, W), 0..1, as guides for the features of some taps.

    A position counts as the mask does on average over what the position sees: a 3x3 mean at each convolution, a 2x2 one
    at each pooling, windows clipped at the borders. So masks that add up to one do at every layer too, and the Gram
    matrices of regions add up to the picture's. Guidance channels: Gatys et al., Controlling Perceptual Factors in
    Neural Style Transfer (arXiv:1611.07865), section 3.2. Those of float32 masks are kept in float16.
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
    """How much the positions of a region count, (1, 1, h, w); None where all count alike."""
    return None if found is None else found[tap][(..., *region)]


def guide_sum(guide: Tensor) -> float:
    """The sum of a guide, or of a mask: how many positions it amounts to. The host waits for it."""
    return float(guide.sum(dtype=torch.float64 if guide.device.type != "mps" else torch.float32))
