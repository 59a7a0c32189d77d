"""Pictures to another size, antialiased."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

_ANTIALIASING_DEVICES = ("cpu", "cuda")


def resize(picture: Tensor, height: int, width: int) -> Tensor:
    """(1, 3, H, W) -> (1, 3, height, width), bicubic (a = -0.5) over the pixels that shrink into one.

    Sharp edges may overshoot the range of the pixels. The same size gives the same tensor.
    """
    if picture.shape[2:] == (height, width):
        return picture
    device = picture.device
    if device.type not in _ANTIALIASING_DEVICES:
        picture = picture.cpu()
    resized = functional.interpolate(picture, size=(height, width), mode="bicubic", align_corners=False, antialias=True)
    return resized.to(device)


def fitted(height: int, width: int, longest: float) -> tuple[int, int]:
    """(height, width) scaled so that the longer one is ``longest``, both rounded and at least 1."""
    factor = longest / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))
