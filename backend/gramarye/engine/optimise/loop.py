"""The loop: an optimiser proposes, the evaluator judges, safeguards keep the sequence sane, the best is kept."""

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
"""A loss this many times the greatest so far is no step on the way to anywhere."""

MAX_FAILURES = 8
"""Failed steps in a row before the painting is given up; each has a quarter of the one before's length."""


@dataclass(eq=False)
class LoopState:
    """Where the loop stands between two steps: all that it needs to go on from there, bit by bit.

    ``optimiser`` has taken ``number`` steps, ``best`` the best of them; from ``last_good`` it starts anew after nonsense.
    """

    optimiser: Optimiser
    last_good: Point
    max_loss: float
    """The greatest loss so far."""
    best: Point | None = None
    number: int = 0
    failures: int = 0
    """Steps in a row that were nonsense."""


@dataclass(frozen=True, eq=False)
class Step:
    """``point`` is where the optimiser stands after ``number`` steps, ``best`` the best of all steps.

    ``loop_state`` is the loop's own, which its next step changes.
    """

    number: int
    point: Point
    best: Point
    loop_state: LoopState
    is_exhausted: bool = False
    """Whether the optimiser has found no way further down: this evaluator's gradients lead nowhere any more."""


def optimise(
    evaluator: Evaluator,
    start: Tensor,
    steps: int,
    make_optimiser: Callable[[Point], Optimiser],
    should_stop: Callable[[float], bool] = lambda _loss: False,
    loop_state: LoopState | None = None,
) -> Iterator[Step]:
    """Take up to ``steps`` steps of one evaluation each, from centred pixels ``start`` (1, 3, H, W).

    As in the seed, the start is evaluated first and its loss never competes: a step comes before the loss
    that is reported for it, and the least of those is the best. Where nothing is left to gain, or the least
    loss ``should_stop``, the last step comes early, with the number ``steps``. A step to a loss or gradient that
    is not finite, or that explodes, is taken back to the best point. With a ``loop_state`` of an earlier loop its steps
    are counted on, and start and optimiser are that one's. JobError ``painting-diverged`` where going back does not
    help.
    """
    loop_state = loop_state or _first_state(evaluator, start, make_optimiser)
    del start  # large, and from here on only the course has a use for it
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
        raise _diverged("the very first step gave no number")
    return LoopState(make_optimiser(origin), origin, origin.evaluation.loss)


def _take_step(loop_state: LoopState, trial: Point) -> Point:
    """The best point, once the walker has seen where its step led or that step was taken back."""
    optimiser = loop_state.optimiser
    if _is_finite(trial.evaluation) and trial.evaluation.loss <= EXPLOSION_FACTOR * loop_state.max_loss:
        optimiser.observe(trial)
        loop_state.max_loss, loop_state.failures = max(loop_state.max_loss, optimiser.point.evaluation.loss), 0
    else:
        loop_state.failures += 1
        if loop_state.failures > MAX_FAILURES:
            raise _diverged(f"{loop_state.failures} steps in a row led nowhere")
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
        f"The painting ran away from its picture: {what}.",
        "Lower the weights or the learning rate, or try the preset `painting`; `gramarye doctor` checks the network.",
    )
