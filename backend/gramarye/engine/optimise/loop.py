"""The optimisation loop: alternates proposals with evaluations, undoes failed steps, and keeps the best point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ...errors import JobError
from .evaluator import Evaluation, Evaluator
from .optimiser import Optimiser, Point

EXPLOSION_FACTOR = 1e3
"""A step fails if its loss exceeds the greatest accepted loss by more than this factor."""

MAX_FAILURES = 8
"""Failed steps in a row that are tolerated; after each, the optimiser restarts with a quarter of the step length."""


@dataclass(eq=False)
class LoopState:
    """State of the loop between two steps: all that it needs to continue bit by bit.

    ``number`` counts the steps taken and ``best`` is the best point among them. After a failed step the optimiser
    restarts from ``last_good``.
    """

    optimiser: Optimiser
    last_good: Point
    max_loss: float
    """The greatest accepted loss."""
    best: Point | None = None
    number: int = 0
    failures: int = 0
    """Failed steps in a row."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step: ``point`` is the optimiser's point after ``number`` steps, ``best`` the best point of all steps.

    ``loop_state`` is shared with the loop, which modifies it at the next step.
    """

    number: int
    point: Point
    best: Point
    loop_state: LoopState
    is_exhausted: bool = False
    """Whether the optimiser found no step that lowers this evaluator's loss any further."""


def optimise(
    evaluator: Evaluator,
    start: Tensor,
    steps: int,
    make_optimiser: Callable[[Point], Optimiser],
    should_stop: Callable[[float], bool] = lambda _loss: False,
    loop_state: LoopState | None = None,
) -> Iterator[Step]:
    """Take up to ``steps`` steps of one evaluation each, from centred pixels ``start`` (1, 3, H, W).

    The start is evaluated first, but its loss is not compared (as in the seed): the best point is the one of least loss
    among the steps. If the optimiser is exhausted, or ``should_stop`` returns true for the least loss, the loop ends
    early and its last step has the number ``steps``. After a step whose loss or gradient is not finite, or whose loss
    explodes, the optimiser restarts from ``last_good``: the best point, or the start before the first good step. A
    ``loop_state`` of an earlier loop continues that loop with its optimiser and step count, and ``start`` is ignored.
    JobError ``painting-diverged`` if the start is not finite or restarts do not help.
    """
    loop_state = loop_state or _first_state(evaluator, start, make_optimiser)
    del start  # large; only the loop state needs it from here on
    optimiser = loop_state.optimiser
    while loop_state.number < steps:
        x = optimiser.propose()
        if x is None:
            loop_state.number = steps
            yield Step(steps, optimiser.point, loop_state.best or optimiser.point, loop_state, is_exhausted=True)
            return
        best = _take_step(loop_state, Point(x, evaluator.evaluate(x)))
        del x
        loop_state.number = steps if should_stop(best.evaluation.loss) else loop_state.number + 1
        yield Step(loop_state.number, optimiser.point, best, loop_state)


def _first_state(evaluator: Evaluator, start: Tensor, make_optimiser: Callable[[Point], Optimiser]) -> LoopState:
    origin = Point(start, evaluator.evaluate(start))
    if not _is_finite(origin.evaluation):
        raise _diverged("the first evaluation was not finite")
    return LoopState(make_optimiser(origin), origin, origin.evaluation.loss)


def _take_step(loop_state: LoopState, trial: Point) -> Point:
    """Accept the trial, or undo the step and restart the optimiser; return the best point."""
    optimiser = loop_state.optimiser
    if _is_finite(trial.evaluation) and trial.evaluation.loss <= EXPLOSION_FACTOR * loop_state.max_loss:
        optimiser.observe(trial)
        loop_state.max_loss, loop_state.failures = max(loop_state.max_loss, optimiser.point.evaluation.loss), 0
    else:
        loop_state.failures += 1
        if loop_state.failures > MAX_FAILURES:
            raise _diverged(f"{loop_state.failures} steps in a row failed")
        optimiser.restart(loop_state.last_good)
    if loop_state.best is None or optimiser.point.evaluation.loss < loop_state.best.evaluation.loss:
        loop_state.best = loop_state.last_good = optimiser.point
    return loop_state.best


def _is_finite(evaluation: Evaluation) -> bool:
    extremes: list[float] = torch.stack(evaluation.gradient.aminmax()).tolist()
    return all(math.isfinite(value) for value in (evaluation.loss, *extremes))


def _diverged(what: str) -> JobError:
    return JobError(
        "painting-diverged",
        f"The optimisation diverged: {what}.",
        "Lower the weights or the learning rate, or try the preset `painting`; `gramarye doctor` checks the network.",
    )
