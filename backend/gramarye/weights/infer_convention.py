"""Infers the input convention of a file of plain arrays that does not state it.

Published files are recognised by their checksum (see `importing`). In a file that was saved again, Oxford's network is
recognised by the magnitude of its first filters on each colour, which also distinguishes RGB from BGR. In other
networks, filters much weaker than He et al.'s initialisation (arXiv:1502.01852: norm sqrt(2) for inputs near 1) imply
inputs far larger than 1. Otherwise the names decide: Caffe uses the paper's names, torchvision ``features.N``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .convention import Convention, bgr_255, rgb_255, torchvision
from .layout import Convolution

INPUT_CONVENTIONS: dict[str, Callable[[], Convention]] = {"caffe": bgr_255, "rgb": rgb_255, "torchvision": torchvision}
"""Input conventions by name: BGR 0..255, RGB 0..255 (both minus the means), or RGB 0..1 normalised."""

_OXFORD_BGR = np.array([0.169499, 0.211505, 0.190855])
"""Root mean square of Oxford's conv1_1 weights for blue, green and red, measured on Keras' file."""

_OXFORD_BIAS = 0.553100
"""Root mean square of Oxford's conv1_1 biases."""

_WEAK_FILTER_NORM = 0.4
"""Threshold for the root mean square of the filters' norms. Oxford's filters for 0..255 have 0.99, He's sqrt(2)."""


def infer_convention(convolutions: Mapping[str, Convolution], naming: str) -> Convention:
    """Return the most likely convention. Its ``lineage`` names the origin, or the assumption and its reason."""
    first = convolutions["conv1_1"]
    colours = np.sqrt(np.mean(np.square(first.weight, dtype=np.float64), axis=(0, 2, 3)))
    bias = np.sqrt(np.mean(np.square(first.bias, dtype=np.float64)))
    if np.isclose(bias, _OXFORD_BIAS, rtol=1e-3):
        if np.allclose(colours, _OXFORD_BGR, rtol=1e-3):
            return bgr_255()
        if np.allclose(colours, _OXFORD_BGR[::-1], rtol=1e-3):
            return rgb_255()
    norm = np.sqrt(np.mean(np.sum(np.square(first.weight, dtype=np.float64), axis=(1, 2, 3))))
    if norm < _WEAK_FILTER_NORM:
        return bgr_255(lineage="unknown; read as Caffe's (BGR 0..255), as its first filters are weak")
    if naming == "features":
        convention = torchvision()
        lineage = "unknown; read as torchvision's (RGB 0..1), as its arrays are named"
        return Convention(lineage, convention.matrix, convention.offset)
    return bgr_255(lineage="unknown; read as Caffe's (BGR 0..255), as its arrays are named")
