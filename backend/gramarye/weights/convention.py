"""Input conventions of networks, and how to fold them exactly into the first convolution.

Every convention is affine: the network was trained on y = A x + b, where x is RGB in 0..255. Zero padding of y equals
padding of x with the colour m for which A m + b = 0, the network's mean. So a convolution W of y equals the
convolution W A of x - m, borders included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .layout import Array, Convolution, malformed, validate_convolutions

Triple = tuple[float, float, float]

OXFORD_MEAN: Triple = (123.68, 116.779, 103.939)
"""Mean RGB of the ILSVRC pictures, 0..255, from the web page of the Oxford models."""

_IMAGENET_MEAN = np.array([0.485, 0.456, 0.406])  # torchvision.models, RGB 0..1
_IMAGENET_STD = np.array([0.229, 0.224, 0.225])


@dataclass(frozen=True)
class Convention:
    """Input y = ``matrix`` @ (RGB 0..255) + ``offset``; ``lineage`` names the convention's origin."""

    lineage: str
    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """Convolutions for input (RGB 0..255) - ``mean``, float32, in VGG19's order; optional readouts by tap."""

    convolutions: dict[str, Convolution]
    mean: Triple
    lineage: str
    readouts: Mapping[str, Array] = field(default_factory=dict)


def rgb_255(mean: Triple = OXFORD_MEAN, lineage: str = "Oxford") -> Convention:
    """Return the convention RGB 0..255 minus ``mean``: MatConvNet, and Gramarye's own files."""
    return Convention(lineage, np.eye(3), -np.array(mean))


def bgr_255(mean: Triple = OXFORD_MEAN, lineage: str = "Oxford") -> Convention:
    """Return the convention BGR 0..255 minus the means: Caffe and Keras. ``mean`` is in RGB order."""
    return Convention(lineage, np.eye(3)[::-1], -np.array(mean)[::-1])


def torchvision() -> Convention:
    """Return torchvision's convention: RGB 0..1 minus mean, divided by standard deviation."""
    return Convention("torchvision", np.diag(1 / (255 * _IMAGENET_STD)), -_IMAGENET_MEAN / _IMAGENET_STD)


def affine_unit(matrix: Array, offset: Array, lineage: str) -> Convention:
    """Return the convention ``matrix`` (3, 3) @ (RGB 0..1) + ``offset`` (3,), for networks with own preprocessing.

    Errors: ``weights-malformed`` if the matrix is not invertible (then no single colour is mapped to zero).
    """
    unit, shift = np.asarray(matrix, dtype=np.float64), np.asarray(offset, dtype=np.float64).reshape(-1)
    usable = unit.shape == (3, 3) and shift.shape == (3,) and bool(np.isfinite(unit).all() & np.isfinite(shift).all())
    if not usable or np.linalg.cond(unit) > 1e6:
        raise malformed("Its preprocessing is not an invertible 3x3 matrix of finite numbers with three offsets.")
    return Convention(lineage, unit / 255, shift)


def fold(convolutions: Mapping[str, Convolution], convention: Convention) -> Network:
    """Return the network for RGB 0..255 minus its mean: same outputs at every layer, up to float32 rounding.

    Errors: ``weights-malformed``.
    """
    layers = validate_convolutions(convolutions)
    first = layers["conv1_1"]
    weight = np.einsum("oihw,ij->ojhw", first.weight.astype(np.float64), convention.matrix)
    red, green, blue = (float(value) for value in np.linalg.solve(convention.matrix, -convention.offset))
    layers["conv1_1"] = Convolution(weight, first.bias)
    return Network(validate_convolutions(layers), (red, green, blue), convention.lineage)
