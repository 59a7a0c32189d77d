"""Remaining time of a painting, from the step times measured so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """Steps at one size: ``steps`` evaluations of ``cost`` multiply-adds, pixels, or the like, after setting up."""

    steps: int
    cost: float


class RemainingTime:
    """A step's time is taken as proportional to its cost, measured over the most recent steps."""

    _MEMORY = 0.9
    """Share of the older estimate that is kept at each step."""

    _SETTING_UP = 2.0
    """Evaluations' worth of work before a stretch's first step: its targets, and the evaluation of its start."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._costs: list[float] = []
        for stretch in stretches:
            self._costs += [(1.0 + self._SETTING_UP * (step == 0)) * stretch.cost for step in range(stretch.steps)]
        self._rate: float | None = None
        self._last = (0, 0.0)

    def after(self, step: int, seconds: float) -> float:
        """Seconds still to go after ``step`` steps, ``seconds`` after the start; -1 before the second step.

        The very first step is left out of the measure: it pays for warming up. So are steps that were never taken.
        """
        before, then = self._last
        self._last = (step, seconds)
        if before == 0 or step != before + 1:
            return -1.0 if self._rate is None else self._to_go(step)
        rate = (seconds - then) / self._costs[before]
        if self._rate is None:
            self._rate = rate
        else:
            self._rate = self._MEMORY * self._rate + (1 - self._MEMORY) * rate
        return self._to_go(step)

    def _to_go(self, step: int) -> float:
        assert self._rate is not None
        return self._rate * sum(self._costs[step:])
