"""`Iterate`, one element of a painting's stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .margin import trimmed
from .pictures import to_picture
from .resize import fitted, resize


@dataclass(frozen=True, eq=False)
class Iterate:
    """The painting after ``step`` of ``total`` steps, ``seconds`` after the start.

    ``scale`` is the index of the scale, coarsest first, among ``scales``; ``height`` and ``width`` are that scale's,
    without margin. ``loss`` is that of `picture` and ``best_loss`` the least of this scale, both None without steps;
    losses of different scales are not comparable. ``parts`` are the weighted terms that add up to ``loss``. Pictures
    are computed on demand, also after the stream has been closed.
    """

    step: int
    total: int
    scale: int
    scales: int
    height: int
    width: int
    loss: float | None
    best_loss: float | None
    parts: Mapping[str, float]
    seconds: float
    current: Tensor = field(repr=False)
    """Centred pixels (1, 3, height + 2 margin, width + 2 margin)."""
    best: Tensor = field(repr=False)
    """The pixels of least loss, of the same shape."""
    centre: Tensor = field(repr=False)
    margin: int = field(repr=False)
    full_size: tuple[int, int] = field(repr=False)
    """Height and width of the layer."""

    def picture(self, max_side: int | None = None) -> NDArray[np.float32]:
        """Return this iterate, (h, w, 3) RGB 0..1, at its scale's size, or with sides up to ``max_side`` pixels."""
        height, width = self.height, self.width
        if max_side is not None and max_side < max(height, width):
            height, width = fitted(height, width, max_side)
        return to_picture(resize(trimmed(self.current, self.margin), height, width), self.centre)

    def best_picture(self, own_size: bool = False) -> NDArray[np.float32]:
        """Return the best picture so far, (H, W, 3) RGB 0..1, at full size, or at its scale's if ``own_size``."""
        size = (self.height, self.width) if own_size else self.full_size
        return to_picture(resize(trimmed(self.best, self.margin), *size), self.centre)
