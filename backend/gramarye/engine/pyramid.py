"""Coarse-to-fine schedule: sizes and their steps, and the detector that ends a size early."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .recipe import Recipe

MIN_COARSE_SIDE = 64
"""Shortest side of the coarsest size, in pixels: strokes do not fit into less."""

WINDOW, MIN_PROGRESS = 8, 0.002
"""Steps over which progress is measured, and the default share of the loss that each must take off on average."""


class StallDetector:
    """Detects slow progress from the least loss after each step.

    ``min_progress`` is the share of the loss that a step must take off on average over the last `WINDOW` steps.
    """

    def __init__(self, min_progress: float = MIN_PROGRESS) -> None:
        self._min_progress = min_progress
        self._losses: deque[float] = deque(maxlen=WINDOW + 1)

    def has_stalled(self, loss: float) -> bool:
        """Record the least loss after a step; return whether the last `WINDOW` steps reduced it too little."""
        self._losses.append(loss)
        return len(self._losses) > WINDOW and loss > self._losses[0] * (1.0 - self._min_progress) ** WINDOW


@dataclass(frozen=True)
class Level:
    """At most ``steps`` steps on a picture of ``height`` x ``width`` pixels."""

    height: int
    width: int
    steps: int


def schedule(recipe: Recipe, height: int, width: int) -> tuple[Level, ...]:
    """Return the levels for a height x width picture, coarsest first; the last is full size.

    Each level has half the sides of the next (rounded up) and about twice its steps; the steps add up to the recipe's.
    There are fewer levels than the recipe's ``scales`` if the picture is too small, or the steps are too few for one
    step or more each.
    """
    count = min(
        recipe.scales,
        1 + _halvings(min(height, width)),
        max(1, (recipe.steps + 1).bit_length() - 1),  # n levels need at least 1 + 2 + 4 + ... + 2^(n-1) steps
    )
    levels, left = [], recipe.steps
    for halvings in reversed(range(count)):
        # of the steps left, this level takes 2^halvings parts and the finer levels 2^halvings - 1 together
        steps = left - left * (2**halvings - 1) // (2 ** (halvings + 1) - 1)
        levels.append(Level(-(-height >> halvings), -(-width >> halvings), steps))
        left -= steps
    return tuple(levels)


def _halvings(side: int) -> int:
    """How often a side can be halved without falling below `MIN_COARSE_SIDE`."""
    return max(0, (side // MIN_COARSE_SIDE).bit_length() - 1)
