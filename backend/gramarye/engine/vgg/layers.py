"""The layers of VGG19 by name, conv1_1 to relu5_4, their order, strides and channels.

Source: Simonyan & Zisserman, arXiv:1409.1556, table 1, column E: five blocks of 3x3 convolutions, each
followed by a ReLU, with a 2x2 max pooling between the blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

CONVOLUTIONS_PER_BLOCK = (2, 2, 4, 4, 4)

CHANNELS_PER_BLOCK = (64, 128, 256, 512, 512)
"""Output channels of each block's convolutions in VGG19 itself; other networks may have fewer."""

MIN_SIDE = 16
"""Stride of block 5 in pixels, and the minimum side of a picture."""


def _table() -> tuple[str, ...]:
    names: list[str] = []
    for block, count in enumerate(CONVOLUTIONS_PER_BLOCK, start=1):
        for index in range(1, count + 1):
            names += [f"conv{block}_{index}", f"relu{block}_{index}"]
        names.append(f"pool{block}")
    return tuple(names[:-1])  # without pool5


LAYERS = _table()
"""conv1_1, relu1_1, conv1_2, relu1_2, pool1, ... conv5_4, relu5_4: 36 names in the network's order."""

CONVOLUTIONS = tuple(name for name in LAYERS if name.startswith("conv"))
"""conv1_1, conv1_2, conv2_1, ... conv5_4: the 16 layers with weights."""


def up_to(taps: Iterable[str]) -> tuple[str, ...]:
    """Return the layers up to the deepest of ``taps``, in order; an empty tuple without taps.

    Raises ValueError for an unknown layer name.
    """
    return LAYERS[: max((LAYERS.index(tap) + 1 for tap in taps), default=0)]


@cache
def stride(layer: str) -> int:
    """Return the stride of a layer's positions in pixels: 1, 2, 4, 8 or 16."""
    return 1 << sum(name.startswith("pool") for name in up_to([layer]))


@cache
def convolution(layer: str) -> str:
    """Return the last convolution up to a layer, which determines its number of channels."""
    return [name for name in up_to([layer]) if name.startswith("conv")][-1]
