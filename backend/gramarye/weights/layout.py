"""VGG19's convolutions: names, order, shapes, and the check that a file holds a usable run of them.

Source: Simonyan & Zisserman, arXiv:1409.1556, table 1, column E.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import WeightsError

Array = NDArray[Any]

CONVOLUTIONS_PER_BLOCK = (2, 2, 4, 4, 4)
CONVOLUTIONS = tuple(
    f"conv{block}_{i}" for block, n in enumerate(CONVOLUTIONS_PER_BLOCK, start=1) for i in range(1, n + 1)
)
"""conv1_1 ... conv5_4: 16 names in order."""

FULL_DEPTH = "conv5_1"
"""The styles' deepest layer: a network that reaches it can paint every recipe of the papers."""

MAX_WIDTH = 1024
"""Channels of a convolution that are accepted: twice VGG19's widest. Bounds what a file can make us allocate."""


READOUT = ".readout"
"""Ending of the key of a tap's readout, ``relu3_1.readout``: see `validate_readouts`."""


@dataclass(frozen=True)
class Convolution:
    """``weight`` (out, in, 3, 3) and ``bias`` (out,), cross-correlation with zero padding 1."""

    weight: Array
    bias: Array


def check_shapes(shapes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]) -> tuple[str, ...]:
    """The names of a contiguous run from conv1_1, in order, whose (weight, bias) shapes fit together.

    Called before arrays are read. Errors: ``weights-malformed``.
    """
    names = _contiguous_names(shapes)
    channels = 3
    for name in names:
        weight, bias = shapes[name]
        if len(weight) != 4 or weight[2:] != (3, 3):
            raise malformed(f"{name} has kernels of shape {weight}; (out, in, 3, 3) is needed.")
        if weight[1] != channels:
            raise malformed(f"{name} takes {weight[1]} channels, but {channels} come to it.")
        if not 0 < weight[0] <= MAX_WIDTH:
            raise malformed(f"{name} has {weight[0]} channels; 1 to {MAX_WIDTH} are accepted.")
        if bias != (weight[0],):
            raise malformed(f"{name} has biases of shape {bias} for {weight[0]} channels.")
        channels = weight[0]
    return names


def validate_convolutions(found: Mapping[str, Convolution]) -> dict[str, Convolution]:
    """``found`` in VGG19's order, as finite float32. Errors: ``weights-malformed``."""
    names = check_shapes({name: (layer.weight.shape, layer.bias.shape) for name, layer in found.items()})
    return {
        name: Convolution(_finite(found[name].weight, f"{name}.weight"), _finite(found[name].bias, f"{name}.bias"))
        for name in names
    }


def validate_readouts(found: Mapping[str, Array], outputs: Mapping[str, int]) -> dict[str, Array]:
    """1x1 maps (C, C), by tap (``relu3_1``), through which a network's features are compared; finite float32.

    A narrow network's channels are no basis in which distances are VGG19's; behind its readout they are.
    ``outputs`` is each convolution's number of channels. Errors: ``weights-malformed``.
    """
    readouts: dict[str, Array] = {}
    for tap, matrix in found.items():
        channels = outputs.get(tap.replace("relu", "conv"), 0)
        if not tap.startswith("relu") or matrix.shape != (channels, channels):
            raise malformed(f"{tap}{READOUT} has shape {matrix.shape}; ({channels}, {channels}) is needed.")
        readouts[tap] = _finite(matrix, f"{tap}{READOUT}")
    return readouts


def widths(outputs: Mapping[str, int]) -> tuple[int, ...]:
    """Channels with which each block ends, given each convolution's number of channels."""
    ends: dict[str, int] = {}
    for name in CONVOLUTIONS:
        if name in outputs:
            ends[name[:5]] = outputs[name]
    return tuple(ends.values())


def describe(depth: str, block_widths: Iterable[int]) -> str:
    """``13 convolutions through conv5_1, widths 16/32/64/128/128``."""
    count = CONVOLUTIONS.index(depth) + 1
    return f"{count} convolutions through {depth}, widths {'/'.join(map(str, block_widths))}"


def is_full_depth(depth: str) -> bool:
    """Whether a network through ``depth`` reaches conv5_1."""
    return CONVOLUTIONS.index(depth) >= CONVOLUTIONS.index(FULL_DEPTH)


def malformed(message: str) -> WeightsError:
    """The error of a file that was recognised and does not hold what it should."""
    hint = "Gramarye needs the convolutions of VGG19 from conv1_1 on; gramarye weights fetch brings a good file."
    return WeightsError("weights-malformed", message, hint)


def _contiguous_names(shapes: Mapping[str, object]) -> tuple[str, ...]:
    names = tuple(name for name in CONVOLUTIONS if name in shapes)
    if not names:
        raise malformed("It holds none of VGG19's convolutions.")
    missing = [name for name in CONVOLUTIONS[: CONVOLUTIONS.index(names[-1]) + 1] if name not in shapes]
    if missing:
        other = " (VGG16 has three convolutions in its deep blocks; VGG19 has four)" if "conv3_4" in missing else ""
        raise malformed(f"It lacks {', '.join(missing)}, but holds {names[-1]}{other}.")
    return names


def _finite(values: Array, name: str) -> Array:
    if values.dtype.kind != "f":
        raise malformed(f"{name} holds {values.dtype} values instead of floating-point numbers.")
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(values, dtype=np.float32)
    if not np.isfinite(converted).all():
        raise malformed(f"{name} holds values that are not finite (NaN, infinite or beyond float32).")
    return converted
