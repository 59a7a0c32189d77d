"""Estimates the remaining time of a job from the step times measured so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """The steps at one picture size.

    ``steps`` steps of ``cost`` each, in any unit (multiply-adds, for example). Set-up before the first step takes
    ``seconds``, plus the time of a few steps. The first ``warm_up_steps`` steps are not measured.
    """

    steps: int
    cost: float
    seconds: float = 0.0
    warm_up_steps: int = 0


class RemainingTime:
    """Remaining time; assumes that a step takes time in proportion to its cost, as measured over the recent steps."""

    _MEMORY = 0.9
    """Weight of the old estimate in the exponential moving average."""

    _SETTING_UP = 2.0
    """Set-up before a phase's first step, in steps: the style targets, and the evaluation of the start."""

    def __init__(self, phases: Sequence[Phase]) -> None:
        self._costs: list[float] = []
        self._seconds: list[float] = []
        """Constant time of each step, besides its cost."""
        self._is_steady: list[bool] = []
        for phase in phases:
            self._is_steady += [step >= phase.warm_up_steps for step in range(phase.steps)]
            self._costs += [(1.0 + self._SETTING_UP * (step == 0)) * phase.cost for step in range(phase.steps)]
            self._seconds += [phase.seconds * (step == 0) for step in range(phase.steps)]
        self._rate: float | None = None
        self._last = (0, 0.0)

    def update(self, step: int, seconds: float) -> float:
        """Return the remaining seconds after ``step`` steps, ``seconds`` after the start; -1 before any measurement.

        Not measured are the first step, which includes the warm-up, the warm-up steps of each phase, and steps that
        were skipped.
        """
        last_step, last_seconds = self._last
        self._last = (step, seconds)
        if last_step == 0 or step != last_step + 1 or not self._is_steady[last_step]:
            return -1.0 if self._rate is None else self._remaining(step)
        rate = max(0.0, seconds - last_seconds - self._seconds[last_step]) / self._costs[last_step]
        if self._rate is None:
            self._rate = rate
        else:
            self._rate = self._MEMORY * self._rate + (1 - self._MEMORY) * rate
        return self._remaining(step)

    def _remaining(self, step: int) -> float:
        assert self._rate is not None
        return self._rate * sum(self._costs[step:]) + sum(self._seconds[step:])
