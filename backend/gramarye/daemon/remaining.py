"""Remaining time of a painting, from the step times measured so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """Steps of equal cost: ``steps`` evaluations of ``cost`` multiply-adds, pixels, or the like."""

    steps: int
    cost: float


class RemainingTime:
    """A step's time is taken as proportional to its cost, measured over the most recent steps."""

    _MEMORY = 0.8
    """Share of the older estimate that is kept at each step."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._costs = [stretch.cost for stretch in stretches for _ in range(stretch.steps)]
        self._rate: float | None = None
        self._last = (0, 0.0)

    def after(self, step: int, seconds: float) -> float:
        """Seconds still to go after ``step`` steps, ``seconds`` after the start; -1 before the second step.

        The first step is left out of the measure: it pays for the style's targets and for warming up.
        """
        before, then = self._last
        self._last = (step, seconds)
        work = sum(self._costs[before:step])
        if before == 0 or work == 0:
            return -1.0 if self._rate is None else self._to_go(step)
        rate = (seconds - then) / work
        if self._rate is None:
            self._rate = rate
        else:
            self._rate = self._MEMORY * self._rate + (1 - self._MEMORY) * rate
        return self._to_go(step)

    def _to_go(self, step: int) -> float:
        assert self._rate is not None
        return self._rate * sum(self._costs[step:])
