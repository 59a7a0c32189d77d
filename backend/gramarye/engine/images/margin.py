"""A margin beyond the picture's borders, painted with it and trimmed off.

The network pads with zeros, which at the outermost pixels reads as an edge that neither picture has: a
painting without a margin shows a dark frame.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def fitting_margin(wanted: int, height: int, width: int) -> int:
    """The margin, in pixels, that a picture can be mirrored into: less than its shorter side."""
    return min(wanted, height - 1, width - 1)


def with_margin(x: Tensor, margin: int) -> Tensor:
    """(1, 3, H, W) continued on all sides by its mirror image: (1, 3, H + 2 margin, W + 2 margin)."""
    return functional.pad(x, (margin,) * 4, mode="reflect")


def trimmed(x: Tensor, margin: int) -> Tensor:
    """The inverse of `with_margin`."""
    return x[:, :, margin : x.shape[2] - margin, margin : x.shape[3] - margin]
