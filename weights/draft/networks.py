"""The teacher and the student: VGG19's first thirteen convolutions, at any width, and maps between them.

Layout: Simonyan & Zisserman 2015 (arXiv:1409.1556), configuration E up to conv5_1. Pooling rounds up,
as the engine's does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from gramarye.weights.store import FULL_NETWORK, find_network, load

CONVOLUTIONS = (
    *("conv1_1", "conv1_2", "conv2_1", "conv2_2"),
    *("conv3_1", "conv3_2", "conv3_3", "conv3_4"),
    *("conv4_1", "conv4_2", "conv4_3", "conv4_4", "conv5_1"),
)
TAPS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
TEACHER_WIDTHS = (64, 128, 256, 512, 512)
MEAN_RGB = (123.68, 116.779, 103.939)

Filters = dict[str, tuple[Tensor, Tensor]]


def tap_of(convolution: str) -> str:
    """The name of the activation behind a convolution: conv3_1 -> relu3_1."""
    return convolution.replace("conv", "relu")


def convolution_of(tap: str) -> str:
    """The name of the convolution before an activation: relu3_1 -> conv3_1."""
    return tap.replace("relu", "conv")


def pool_before(convolution: str, x: Tensor) -> Tensor:
    """Max pooling 2x2 (ceil) where a block begins, else `x` itself."""
    if convolution.endswith("_1") and convolution != "conv1_1":
        return functional.max_pool2d(x, 2, ceil_mode=True)
    return x


def activations(filters: Mapping[str, tuple[Tensor, Tensor]], x: Tensor, last: str = "conv5_1") -> dict[str, Tensor]:
    """Every rectified activation up to `last`, by name; `x` (N, C, H, W) is the first one's input."""
    found: dict[str, Tensor] = {}
    for name in CONVOLUTIONS:
        weight, bias = filters[name]
        x = functional.relu(functional.conv2d(pool_before(name, x), weight, bias, padding=1))
        found[tap_of(name)] = x
        if name == last:
            break
    return found


def mean_image(device: torch.device | None = None) -> Tensor:
    """The RGB mean as (1, 3, 1, 1)."""
    return torch.tensor(MEAN_RGB, device=device).view(1, 3, 1, 1)


class Teacher:
    """VGG19 itself, as it comes with Gramarye's installation: the features to learn."""

    def __init__(self, *, bfloat16: bool = False) -> None:
        """Read the installed network. ``bfloat16``: answer faster, to within 1%. WeightsError where it is missing."""
        info = find_network(FULL_NETWORK)
        self._type = torch.bfloat16 if bfloat16 else torch.float32
        arrays = {key: torch.from_numpy(values).to(self._type) for key, values in load(info).items()}
        self.filters: Filters = {
            name: (_channels_last(arrays[f"{name}.weight"]), arrays[f"{name}.bias"]) for name in CONVOLUTIONS
        }

    @torch.no_grad()
    def activations(self, rgb: Tensor) -> dict[str, Tensor]:
        """Every activation through relu5_1 of `rgb` (N, 3, H, W; 0..255), by name."""
        x = _channels_last((rgb - mean_image()).to(self._type))
        return {name: answer.float() for name, answer in activations(self.filters, x).items()}

    def features(self, rgb: Tensor) -> dict[str, Tensor]:
        """The five taps of `rgb` (N, 3, H, W; 0..255): channels 64, 128, 256, 512, 512."""
        found = self.activations(rgb)
        return {tap: found[tap] for tap in TAPS}


class Student(nn.Module):
    """A narrow VGG19. While it trains, its input is (RGB - mean) / INPUT_SCALE.

    Initialisation brings its channels to unit mean square: Adam's steps then suit weights and biases alike.
    """

    INPUT_SCALE = 64.0

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        self.layers = nn.ModuleDict()
        channels = 3
        for name in CONVOLUTIONS:
            width = widths[name]
            layer = nn.Conv2d(channels, width, 3, padding=1)
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
            self.layers[name] = layer
            channels = width
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stub lacks it

    def filters(self) -> Filters:
        """The convolutions as (weight, bias) by name."""
        found: Filters = {}
        for name in CONVOLUTIONS:
            layer = self.layer(name)
            assert layer.bias is not None
            found[name] = (layer.weight, layer.bias)
        return found

    def layer(self, name: str) -> nn.Conv2d:
        """One convolution."""
        return cast(nn.Conv2d, self.layers[name])

    def forward(self, rgb: Tensor) -> dict[str, Tensor]:
        """Every activation of `rgb` (N, 3, H, W; 0..255), by name."""
        return activations(self.filters(), _channels_last((rgb - mean_image()) / self.INPUT_SCALE))


class Maps(nn.Module):
    """A 1x1 convolution and ReLU for each tap, from the student's channels to the teacher's.

    Outputs are in units of the teacher's standard deviation at the tap.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        self.layers = nn.ModuleDict(
            {
                tap: nn.Conv2d(widths[convolution_of(tap)], wide, 1)
                for tap, wide in zip(TAPS, TEACHER_WIDTHS, strict=True)
            }
        )

    def layer(self, tap: str) -> nn.Conv2d:
        """One tap's map."""
        return cast(nn.Conv2d, self.layers[tap])

    def forward(self, taps: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The student's features, mapped to the teacher's channels."""
        return {tap: functional.relu(self.layers[tap](taps[tap])) for tap in TAPS}


def correlation(a: Tensor, b: Tensor) -> float:
    """Pearson's correlation of two tensors of one shape, over all their elements."""
    a, b = a.double().flatten(), b.double().flatten()
    a, b = a - a.mean(), b - b.mean()
    return float((a @ b) / (a.norm() * b.norm()))


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)
