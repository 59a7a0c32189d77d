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

EXPLOSION = 1e3
"""A loss this many times the greatest so far is no step on the way to anywhere."""

MOST_FAILURES = 8
"""Failed steps in a row before the painting is given up; each has a quarter of the one before's length."""


@dataclass(eq=False)
class Course:
    """Where the loop stands between two steps: all that it needs to go on from there, bit by bit.

    ``walker`` has taken ``number`` steps, ``best`` the best of them; from ``refuge`` it starts anew after nonsense.
    """

    walker: Optimiser
    refuge: Point
    greatest: float
    """The greatest loss so far."""
    best: Point | None = None
    number: int = 0
    failures: int = 0
    """Steps in a row that were nonsense."""


@dataclass(frozen=True, eq=False)
class Step:
    """``point`` is where the optimiser stands after ``number`` steps, ``best`` the best of all steps.

    ``course`` is the loop's own, which its next step changes.
    """

    number: int
    point: Point
    best: Point
    course: Course
    is_exhausted: bool = False
    """Whether the optimiser has found no way further down: this evaluator's gradients lead nowhere any more."""


def optimise(
    evaluator: Evaluator,
    start: Tensor,
    steps: int,
    optimiser: Callable[[Point], Optimiser],
    is_enough: Callable[[float], bool] = lambda _loss: False,
    course: Course | None = None,
) -> Iterator[Step]:
    """Take up to ``steps`` steps of one evaluation each, from centred pixels ``start`` (1, 3, H, W).

    As in the seed, the start is evaluated first and its loss never competes: a step comes before the loss
    that is reported for it, and the least of those is the best. Where nothing is left to gain, or the least
    loss ``is_enough``, the last step comes early, with the number ``steps``. A step to a loss or gradient that
    is not finite, or that explodes, is taken back to the best point. With a ``course`` of an earlier loop its steps
    are counted on, and start and optimiser are that one's. JobError ``painting-diverged`` where going back does not
    help.
    """
    course = course or _begun(evaluator, start, optimiser)
    del start  # large, and from here on only the course has a use for it
    walker = course.walker
    while course.number < steps:
        x = walker.propose()
        if x is None:
            course.number = steps
            yield Step(steps, walker.point, course.best or walker.point, course, is_exhausted=True)
            return
        best = _tried(course, Point(x, evaluator.evaluate(x)))
        del x
        course.number = steps if is_enough(best.evaluation.loss) else course.number + 1
        yield Step(course.number, walker.point, best, course)


def _begun(evaluator: Evaluator, start: Tensor, optimiser: Callable[[Point], Optimiser]) -> Course:
    origin = Point(start, evaluator.evaluate(start))
    if not _is_finite(origin.evaluation):
        raise _diverged("the very first step gave no number")
    return Course(optimiser(origin), origin, origin.evaluation.loss)


def _tried(course: Course, trial: Point) -> Point:
    """The best point, once the walker has seen where its step led or that step was taken back."""
    walker = course.walker
    if _is_finite(trial.evaluation) and trial.evaluation.loss <= EXPLOSION * course.greatest:
        walker.observe(trial)
        course.greatest, course.failures = max(course.greatest, walker.point.evaluation.loss), 0
    else:
        course.failures += 1
        if course.failures > MOST_FAILURES:
            raise _diverged(f"{course.failures} steps in a row led nowhere")
        walker.retreat(course.refuge)
    if course.best is None or walker.point.evaluation.loss < course.best.evaluation.loss:
        course.best = course.refuge = walker.point
    return course.best


def _is_finite(evaluation: Evaluation) -> bool:
    extremes: list[float] = torch.stack(evaluation.gradient.aminmax()).tolist()
    return all(math.isfinite(value) for value in (evaluation.loss, *extremes))


def _diverged(what: str) -> JobError:
    return JobError(
        "painting-diverged",
        f"The painting ran away from its picture: {what}.",
        "Lower the weights or the learning rate, or try the preset `painting`; `gramarye doctor` checks the network.",
    )
