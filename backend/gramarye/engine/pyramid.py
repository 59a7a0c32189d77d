"""The schedule of sizes: structure is set while the picture is small, and refined while it grows."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .recipe import Recipe

MIN_COARSE_SIDE = 64
"""No size is added whose shorter side falls below this: strokes no longer fit into it."""

WINDOW, MIN_PROGRESS = 8, 0.002
"""Steps over which progress is measured, and the share of the loss that each must take off: more where asked."""


class StallDetector:
    """Whether steps at a size still pay: it is told the least loss after each, and says when they no longer do.

    ``min_progress`` is the share of the loss that each must take off on average.
    """

    def __init__(self, min_progress: float = MIN_PROGRESS) -> None:
        self._min_progress = min_progress
        self._losses: deque[float] = deque(maxlen=WINDOW + 1)

    def has_stalled(self, loss: float) -> bool:
        """True where the last steps together took off too little."""
        self._losses.append(loss)
        return len(self._losses) > WINDOW and loss > self._losses[0] * (1.0 - self._min_progress) ** WINDOW


@dataclass(frozen=True)
class Level:
    """At most ``steps`` steps on a picture of ``height`` x ``width`` pixels."""

    height: int
    width: int
    steps: int


def schedule(recipe: Recipe, height: int, width: int) -> tuple[Level, ...]:
    """The levels of a picture, coarsest first; the last has its full size and the steps add up to the recipe's.

    Each level halves the sides of the next (rounded up) and takes about twice its steps. There are fewer
    levels than the recipe's ``scales`` where the picture is too small, or the steps too few to give each one.
    """
    count = min(
        recipe.scales,
        1 + _halvings(min(height, width)),
        max(1, (recipe.steps + 1).bit_length() - 1),  # a level each needs 1 + 2 + 4 + ... steps
    )
    levels, left = [], recipe.steps
    for halvings in reversed(range(count)):
        # of the steps left, this level takes 2^halvings parts, those finer 2^halvings - 1 together
        steps = left - left * (2**halvings - 1) // (2 ** (halvings + 1) - 1)
        levels.append(Level(-(-height >> halvings), -(-width >> halvings), steps))
        left -= steps
    return tuple(levels)


def _halvings(side: int) -> int:
    """How often a side can be halved without falling below the least coarse side."""
    return max(0, (side // MIN_COARSE_SIDE).bit_length() - 1)
