"""Which input convention a file of plain arrays has, when nothing in the file says so.

Known files are told by their checksum. A file that was saved anew is told by its first convolution: Oxford's
is recognised by the strength of its filters on each colour, which also tells RGB from BGR. Of networks that
are neither, filters much weaker than He et al.'s initialisation (arXiv:1502.01852: norm sqrt(2) for inputs
near 1) must expect inputs far larger than 1. The rest is custom: the paper's names come from Caffe,
``features.N`` from torchvision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .convention import Convention, bgr_255, rgb_255, torchvision
from .layout import Convolution

INPUT_CONVENTIONS: dict[str, Callable[[], Convention]] = {"caffe": bgr_255, "rgb": rgb_255, "torchvision": torchvision}
"""What may be said of a file's input: BGR 0..255, RGB 0..255 (both minus the means), or RGB 0..1 normalised."""

_OXFORD_BGR = np.array([0.169499, 0.211505, 0.190855])
"""Root mean square of Oxford's conv1_1 on blue, green and red; measured on Keras' file."""

_OXFORD_BIAS = 0.553100
"""Root mean square of its biases."""

_WEAK_FILTER_NORM = 0.4
"""Root mean square over filters of their norms. Oxford's 0..255 filters have 0.99, He's sqrt(2)."""


def infer_convention(convolutions: Mapping[str, Convolution], naming: str) -> Convention:
    """The likeliest convention; its ``lineage`` says what was assumed, and why where it is no certainty."""
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
