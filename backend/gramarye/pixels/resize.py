"""Resizing of float arrays with Pillow's filters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def resize(values: NDArray[np.float32], width: int, height: int, resample: Image.Resampling) -> NDArray[np.float32]:
    """Return (H, W, C) float32 ``values`` as (``height``, ``width``, C).

    Each channel is filtered separately in float32. All of Pillow's filters antialias when they reduce.
    """
    channels = [
        Image.fromarray(np.ascontiguousarray(values[..., channel])).resize((width, height), resample)
        for channel in range(values.shape[-1])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)
