"""The array types of the reference."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
"""A float64 array; channel-last (H, W, C) where it holds features or pixels."""

Network: TypeAlias = Mapping[str, tuple[Array, Array]]
"""Convolution name -> (kernel (out, in, 3, 3), bias (out,))."""

Taps: TypeAlias = Mapping[str, Array]
"""Layer name -> features (H, W, C)."""
