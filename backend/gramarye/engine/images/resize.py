"""Antialiased resizing."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

_ANTIALIASING_DEVICES = ("cpu", "cuda")


def resize(picture: Tensor, height: int, width: int) -> Tensor:
    """Resize (1, C, H, W) to (1, C, height, width), bicubic (a = -0.5), antialiased when shrinking.

    Sharp edges may overshoot the range of the pixels. Returns the same tensor if the size is the same.
    """
    if picture.shape[2:] == (height, width):
        return picture
    device = picture.device
    if device.type not in _ANTIALIASING_DEVICES:
        picture = picture.cpu()
    resized = functional.interpolate(picture, size=(height, width), mode="bicubic", align_corners=False, antialias=True)
    return resized.to(device)


def fitted(height: int, width: int, longest: float) -> tuple[int, int]:
    """Return (height, width) scaled so that the longer one is ``longest``, both rounded and at least 1."""
    factor = longest / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))
