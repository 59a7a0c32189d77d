"""Fills transparent pixels with a smooth continuation of the visible colours around them.

A network's features depend on neighbouring pixels, so hidden edges or colours would show next to visible pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


def fill_transparent(colour: Values, visible: Values) -> Values:
    """Replace in place the pixels of ``colour`` (H, W, 3) whose ``visible`` (H, W), 0..1, is 0; return ``colour``.

    Pull-push algorithm (Gortler et al., The Lumigraph, SIGGRAPH 1996, section 3.3.2): halve the picture, averaging
    colours weighted by visibility, until no pixel is empty; then fill each level from the next coarser one. At least
    one pixel must be visible.
    """
    hidden = visible <= 0.0
    if not hidden.any():
        return colour
    colours, weights = _downsample(colour, visible)
    coarse = fill_transparent(colours, weights)
    rows, columns = np.nonzero(hidden)
    colour[rows, columns] = _interpolate(coarse, rows, columns)
    return colour


def _downsample(colour: Values, visible: Values) -> tuple[Values, Values]:
    """Return weighted mean colours and summed weights, clipped to 1, at half the size, rounded up."""
    height, width = visible.shape
    pad = ((0, height % 2), (0, width % 2))
    weights = np.pad(visible, pad)
    weighted = np.pad(colour, (*pad, (0, 0))) * weights[..., None]
    total = _sum_2x2(weights[..., None])[..., 0]
    sums = _sum_2x2(weighted)
    np.divide(sums, total[..., None], out=sums, where=total[..., None] > 0.0)
    return sums, np.minimum(total, 1.0)


def _sum_2x2(values: Values) -> Values:
    """Return the sums of 2x2 blocks, (H / 2, W / 2, C), of (H, W, C) with even H and W."""
    pairs = values[::2] + values[1::2]
    sums: Values = pairs[:, ::2] + pairs[:, 1::2]
    return sums


def _interpolate(coarse: Values, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Values:
    """Return (n, 3): ``coarse`` enlarged to twice its size, bilinear, at n of the larger picture's pixels."""
    height, width, _ = coarse.shape
    y = np.clip(rows / 2.0 - 0.25, 0.0, height - 1.0)
    x = np.clip(columns / 2.0 - 0.25, 0.0, width - 1.0)
    top, left = y.astype(np.intp), x.astype(np.intp)
    bottom, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    down, along = (y - top).astype(np.float32)[:, None], (x - left).astype(np.float32)[:, None]
    upper = coarse[top, left] * (1.0 - along) + coarse[top, right] * along
    lower = coarse[bottom, left] * (1.0 - along) + coarse[bottom, right] * along
    mixed: Values = upper * (1.0 - down) + lower * down
    return mixed
