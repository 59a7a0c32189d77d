"""Checks of VGG19's convolutions: names, order and shapes.

Source: Simonyan & Zisserman, arXiv:1409.1556, table 1, column E.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.vgg.layers import CONVOLUTIONS
from ..errors import WeightsError

Array = NDArray[Any]

FULL_DEPTH = "conv5_1"
"""Deepest style layer of the papers' recipes: a network that reaches it can be used with all of them."""

MAX_WIDTH = 1024
"""Most channels of a convolution: twice VGG19's widest. Bounds the memory that a file can make the reader allocate."""


READOUT = ".readout"
"""Suffix of the key of a tap's readout, such as ``relu3_1.readout``; see `validate_readouts`."""


@dataclass(frozen=True)
class Convolution:
    """A cross-correlation with zero padding 1: ``weight`` (out, in, 3, 3) and ``bias`` (out,)."""

    weight: Array
    bias: Array


def check_shapes(shapes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]) -> tuple[str, ...]:
    """Check (weight, bias) shapes by name; return the names in order, a contiguous run from conv1_1.

    Called before arrays are read. Errors: ``weights-malformed``.
    """
    names = _contiguous_names(shapes)
    channels = 3
    for name in names:
        weight, bias = shapes[name]
        if len(weight) != 4 or weight[2:] != (3, 3):
            raise malformed(f"{name} has kernels of shape {weight}; (out, in, 3, 3) is needed.")
        if weight[1] != channels:
            raise malformed(f"{name} takes {weight[1]} channels, but its input has {channels}.")
        if not 0 < weight[0] <= MAX_WIDTH:
            raise malformed(f"{name} has {weight[0]} channels; 1 to {MAX_WIDTH} are accepted.")
        if bias != (weight[0],):
            raise malformed(f"{name} has biases of shape {bias} for {weight[0]} channels.")
        channels = weight[0]
    return names


def validate_convolutions(found: Mapping[str, Convolution]) -> dict[str, Convolution]:
    """Return ``found`` in VGG19's order, as finite float32. Errors: ``weights-malformed``."""
    names = check_shapes({name: (layer.weight.shape, layer.bias.shape) for name, layer in found.items()})
    return {
        name: Convolution(_finite(found[name].weight, f"{name}.weight"), _finite(found[name].bias, f"{name}.bias"))
        for name in names
    }


def validate_readouts(found: Mapping[str, Array], outputs: Mapping[str, int]) -> dict[str, Array]:
    """Check readouts by tap (``relu3_1``); return them as finite float32.

    A readout is a 1x1 convolution (C, C), applied to a tap's features before they are compared. It makes distances
    between a narrow network's features approximate those between VGG19's. ``outputs`` is the number of channels of each
    convolution. Errors: ``weights-malformed``.
    """
    readouts: dict[str, Array] = {}
    for tap, matrix in found.items():
        channels = outputs.get(tap.replace("relu", "conv"), 0)
        if not tap.startswith("relu") or matrix.shape != (channels, channels):
            raise malformed(f"{tap}{READOUT} has shape {matrix.shape}; ({channels}, {channels}) is needed.")
        readouts[tap] = _finite(matrix, f"{tap}{READOUT}")
    return readouts


def widths(outputs: Mapping[str, int]) -> tuple[int, ...]:
    """Return the number of channels at the end of each block, given that of each convolution."""
    ends: dict[str, int] = {}
    for name in CONVOLUTIONS:
        if name in outputs:
            ends[name[:5]] = outputs[name]
    return tuple(ends.values())


def describe(depth: str, block_widths: Iterable[int]) -> str:
    """Return a description such as ``13 convolutions through conv5_1, widths 16/32/64/128/128``."""
    count = CONVOLUTIONS.index(depth) + 1
    return f"{count} convolutions through {depth}, widths {'/'.join(map(str, block_widths))}"


def is_full_depth(depth: str) -> bool:
    """Whether a network through ``depth`` reaches conv5_1."""
    return CONVOLUTIONS.index(depth) >= CONVOLUTIONS.index(FULL_DEPTH)


def malformed(message: str) -> WeightsError:
    """Return the error for a file of a known format with invalid content."""
    hint = "Gramarye needs the convolutions of VGG19 from conv1_1 on; gramarye weights fetch downloads a good file."
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
