"""A VGG19 network of any width and depth, and its features at named layers."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ...errors import WeightsError
from .feature_cache import FeatureCache
from .fused import Convolution, conv_relu, conv_relu_max_pool, max_pool
from .layers import CONVOLUTIONS, stride, up_to

Array = NDArray[np.floating[Any]]

_READOUT = ".readout"
"""Suffix of the key of a readout among the arrays of a network."""


@dataclass(frozen=True, eq=False)
class Network:
    """A network in VGG19's layout, applied to RGB pixels 0..255 minus a centre. Build it with `from_arrays`.

    ``mean`` is the RGB mean, 0..255, of its training; ``convolutions`` are contiguous from conv1_1. ``readouts`` are
    1x1 convolutions (C, C) by tap, for narrow networks: they map the features of a tap so that distances between
    features, and between their Gram matrices, approximate those of VGG19.
    """

    name: str
    mean: tuple[float, float, float]
    convolutions: Mapping[str, Convolution]
    readouts: Mapping[str, Tensor] = field(default_factory=dict)
    feature_cache: FeatureCache = field(default_factory=FeatureCache, repr=False)
    """The cache, shared with the copies that `to` returns."""

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, Array], mean: Iterable[float]) -> Network:
        """Return a network with weights ``conv1_1.weight`` (out, in, 3, 3), ``conv1_1.bias`` (out,), and so on.

        ``arrays`` may also hold readouts, ``relu1_1.readout`` (out, out) and so on.

        Raises WeightsError ``network-malformed`` if layers are missing, shapes do not fit or values are not finite.
        """
        red, green, blue = (float(level) for level in mean)
        readouts = {key.removesuffix(_READOUT): array for key, array in arrays.items() if key.endswith(_READOUT)}
        arrays = {key: array for key, array in arrays.items() if not key.endswith(_READOUT)}
        names = CONVOLUTIONS[: len(arrays) // 2]
        expected = [f"{conv}.{part}" for conv in names for part in ("weight", "bias")]
        if not arrays or sorted(expected) != sorted(arrays):
            strange = sorted(set(expected) ^ set(arrays)) or ["conv1_1.weight"]
            raise _malformed(name, f"its layers are not contiguous from conv1_1 (see {strange[0]})")
        convolutions, channels = {}, 3
        for conv in names:
            weight, bias = arrays[f"{conv}.weight"], arrays[f"{conv}.bias"]
            _check_shapes(name, conv, weight, bias, channels)
            convolutions[conv] = Convolution(_tensor(weight), _tensor(bias))
            channels = weight.shape[0]
        _check_readouts(name, readouts, convolutions)
        return cls(name, (red, green, blue), convolutions, {tap: _tensor(array) for tap, array in readouts.items()})

    def to(self, device: torch.device, dtype: torch.dtype) -> Network:
        """Return the network on a device, with weights in channels-last memory, the faster layout on GPU and CPU."""
        moved = {
            name: Convolution(
                convolution.weight.to(device, dtype, memory_format=torch.channels_last),
                convolution.bias.to(device, dtype),
            )
            for name, convolution in self.convolutions.items()
        }
        readouts = {tap: matrix.to(device, dtype) for tap, matrix in self.readouts.items()}
        return replace(self, convolutions=moved, readouts=readouts)

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of its weights and features."""
        return next(iter(self.convolutions.values())).weight.dtype

    def check_depth(self, taps: Iterable[str]) -> None:
        """Raise WeightsError ``network-too-shallow`` if a tap lies beyond the last convolution with weights."""
        for layer in up_to(taps):
            if layer.startswith("conv") and layer not in self.convolutions:
                last = list(self.convolutions)[-1]
                raise WeightsError(
                    "network-too-shallow",
                    f"The recipe needs {layer}, but the network {self.name!r} ends at {last}.",
                    f"Choose layers up to relu{last[4:]}, or a deeper network.",
                )

    def multiply_adds(self, taps: Iterable[str]) -> float:
        """Return the multiply-adds per pixel of the picture to compute the taps."""
        names = [layer for layer in up_to(taps) if layer in self.convolutions]
        return sum(self.convolutions[name].weight.numel() / stride(name) ** 2 for name in names)

    def features(self, x: Tensor, taps: Iterable[str]) -> dict[str, Tensor]:
        """Return the features (1, C, H', W') of each tap, in the network's order, for centred pixels x (1, 3, H, W).

        Raises WeightsError ``network-too-shallow``.
        """
        wanted = frozenset(taps)
        return dict(self.forward(x, up_to(wanted), wanted))

    def forward(self, x: Tensor, layers: Sequence[str], wanted: Container[str]) -> Iterator[tuple[str, Tensor]]:
        """Run consecutive ``layers`` on x, the input of the first of them; yield (tap, features) for ``wanted`` taps.

        A generator, so that the caller can free the features of one tap before the next is computed. Convolutions are
        3x3 with zero padding 1. Border windows of the 2x2 max pooling are clipped, so that odd sizes round up
        (TensorFlow's "SAME").

        Raises WeightsError ``network-too-shallow``.
        """
        self.check_depth(layers[-1:])
        x = x.to(self.dtype)
        for group in _fused_groups(layers, wanted):
            x = self._apply(group, x)
            if group[-1] in wanted:
                yield group[-1], self._read_out(group[-1], x)

    def _apply(self, group: Sequence[str], x: Tensor) -> Tensor:
        convolution = self.convolutions.get(group[0])
        if convolution is None:
            return functional.relu(x) if group[0].startswith("relu") else max_pool(x)
        if len(group) == 1:
            return functional.conv2d(x, convolution.weight, convolution.bias, padding=1)
        return conv_relu(x, convolution) if len(group) == 2 else conv_relu_max_pool(x, convolution)

    def _read_out(self, tap: str, x: Tensor) -> Tensor:
        readout = self.readouts.get(tap)
        return x if readout is None else functional.conv2d(x, readout[:, :, None, None])


def _fused_groups(layers: Sequence[str], wanted: Container[str]) -> Iterator[tuple[str, ...]]:
    """Yield the layers in groups that are computed together: at most convolution, ReLU and pooling.

    Only the last layer of a group may be wanted.
    """
    group: tuple[str, ...] = ()
    for layer, following in pairwise((*layers, "")):
        group = (*group, layer)
        is_open = group[0].startswith("conv") and following.startswith(("relu", "pool"))
        if layer in wanted or not is_open:
            yield group
            group = ()


def _check_readouts(name: str, readouts: Mapping[str, Array], convolutions: Mapping[str, Convolution]) -> None:
    for tap, matrix in readouts.items():
        convolution = convolutions.get(tap.replace("relu", "conv"))
        channels = 0 if convolution is None else convolution.weight.shape[0]
        if not tap.startswith("relu") or matrix.shape != (channels, channels):
            raise _malformed(name, f"the readout of {tap} is {matrix.shape}, not {(channels, channels)}")
        if not np.isfinite(matrix).all():
            raise _malformed(name, f"the readout of {tap} holds values that are not finite")


def _check_shapes(name: str, conv: str, weight: Array, bias: Array, channels: int) -> None:
    if weight.ndim != 4 or weight.shape[1:] != (channels, 3, 3) or weight.shape[0] == 0:
        raise _malformed(name, f"{conv}.weight is {weight.shape}, not (any, {channels}, 3, 3)")
    if bias.shape != weight.shape[:1]:
        raise _malformed(name, f"{conv}.bias is {bias.shape}, not {weight.shape[:1]}")
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        raise _malformed(name, f"{conv} holds values that are not finite")


def _tensor(array: Array) -> Tensor:
    return torch.tensor(np.asarray(array))


def _malformed(name: str, what: str) -> WeightsError:
    return WeightsError(
        "network-malformed",
        f"The network {name!r} is not in VGG19's layout: {what}.",
        "Fetch or import its weights again.",
    )
