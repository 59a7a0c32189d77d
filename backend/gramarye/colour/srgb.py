"""The transfer curve of sRGB (IEC 61966-2-1): encoded values to linear light and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_linear(values: NDArray[Any]) -> NDArray[Any]:
    """Convert encoded values in 0..1 to linear light in 0..1, of the same shape and type."""
    light: NDArray[Any] = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return light


def to_encoded(linear: NDArray[Any]) -> NDArray[np.float32]:
    """Convert linear light, clipped to 0..1, to encoded values in float32."""
    light = np.clip(linear, 0.0, 1.0)
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    encoded: NDArray[np.float32] = values.astype(np.float32)
    return encoded
