"""Remaining time of a painting, from the step times measured so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """Steps at one size: ``steps`` evaluations of ``cost`` multiply-adds, pixels, or the like, after setting up, which
    takes ``seconds`` whatever they cost and some evaluations' worth. The first ``warm_up_steps`` ones are no measure."""

    steps: int
    cost: float
    seconds: float = 0.0
    warm_up_steps: int = 0


class RemainingTime:
    """A step's time is taken as proportional to its cost, measured over the most recent steps."""

    _MEMORY = 0.9
    """Share of the older estimate that is kept at each step."""

    _SETTING_UP = 2.0
    """Evaluations' worth of work before a stretch's first step: its targets, and the evaluation of its start."""

    def __init__(self, phases: Sequence[Phase]) -> None:
        self._costs: list[float] = []
        self._seconds: list[float] = []
        """What each step takes besides its cost."""
        self._is_steady: list[bool] = []
        for phase in phases:
            self._is_steady += [step >= phase.warm_up_steps for step in range(phase.steps)]
            self._costs += [(1.0 + self._SETTING_UP * (step == 0)) * phase.cost for step in range(phase.steps)]
            self._seconds += [phase.seconds * (step == 0) for step in range(phase.steps)]
        self._rate: float | None = None
        self._last = (0, 0.0)

    def update(self, step: int, seconds: float) -> float:
        """Seconds still to go after ``step`` steps, ``seconds`` after the start; -1 before any was measured.

        The very first step is left out of the measure: it pays for warming up. So are unsteady ones, and those that
        were never taken.
        """
        before, then = self._last
        self._last = (step, seconds)
        if before == 0 or step != before + 1 or not self._is_steady[before]:
            return -1.0 if self._rate is None else self._to_go(step)
        rate = max(0.0, seconds - then - self._seconds[before]) / self._costs[before]
        if self._rate is None:
            self._rate = rate
        else:
            self._rate = self._MEMORY * self._rate + (1 - self._MEMORY) * rate
        return self._to_go(step)

    def _to_go(self, step: int) -> float:
        assert self._rate is not None
        return self._rate * sum(self._costs[step:]) + sum(self._seconds[step:])
