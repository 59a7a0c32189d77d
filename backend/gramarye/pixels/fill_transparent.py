"""Colour for pixels that nobody sees: the visible colour around them, continued smoothly.

A network looks at neighbourhoods: an edge in what is hidden, or any colour of its own there, would show beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


def fill_transparent(colour: Values, visible: Values) -> Values:
    """``colour`` (H, W, 3) with every pixel replaced, in place, that ``visible`` (H, W), 0..1, says nothing is seen of.

    By pull and push (Gortler et al., The Lumigraph, SIGGRAPH 1996, section 3.3.2): colours are averaged by what is seen
    of them to half the size, until all is seen, and taken from there where there are none. Something must be seen.
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
    """Both at half the size, rounded up: colours as their weights, up to 1 each, say."""
    height, width = visible.shape
    pad = ((0, height % 2), (0, width % 2))
    weights = np.pad(visible, pad)
    weighted = np.pad(colour, (*pad, (0, 0))) * weights[..., None]
    total = _sum_2x2(weights[..., None])[..., 0]
    sums = _sum_2x2(weighted)
    np.divide(sums, total[..., None], out=sums, where=total[..., None] > 0.0)
    return sums, np.minimum(total, 1.0)


def _sum_2x2(values: Values) -> Values:
    """(H, W, C), both even, to (H / 2, W / 2, C): sums of fours."""
    pairs = values[::2] + values[1::2]
    sums: Values = pairs[:, ::2] + pairs[:, 1::2]
    return sums


def _interpolate(coarse: Values, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Values:
    """(n, 3): ``coarse`` at pixels of twice its size, linear between its own."""
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
