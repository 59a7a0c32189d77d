"""A margin beyond the picture's borders, painted with it and then trimmed.

The network pads with zeros, which acts like an edge at the border that neither picture has: a painting without a margin
shows a dark frame.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def fitting_margin(wanted: int, height: int, width: int) -> int:
    """Return the margin in pixels, limited by what mirroring allows: less than the shorter side."""
    return min(wanted, height - 1, width - 1)


def with_margin(x: Tensor, margin: int) -> Tensor:
    """Extend (1, 3, H, W) on all sides by its mirror image, to (1, 3, H + 2 margin, W + 2 margin)."""
    return functional.pad(x, (margin,) * 4, mode="reflect")


def trimmed(x: Tensor, margin: int) -> Tensor:
    """Remove the margin: the inverse of `with_margin`."""
    return x[:, :, margin : x.shape[2] - margin, margin : x.shape[3] - margin]
