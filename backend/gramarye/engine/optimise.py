"""The loop: an optimiser proposes, the evaluator judges, safeguards keep the sequence sane, the best is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import JobError
from .evaluator import Evaluation, Evaluator
from .optimisers.optimiser import Optimiser, Point

EXPLOSION = 1e3
"""A loss this many times the greatest so far is no step on the way to anywhere."""

MOST_FAILURES = 8
"""Failed steps in a row before the painting is given up; each has a quarter of the one before's length."""


@dataclass(frozen=True, eq=False)
class Step:
    """``point`` is where the optimiser stands after ``number`` steps, ``best`` the best of all steps."""

    number: int
    point: Point
    best: Point
    is_exhausted: bool = False
    """Whether the optimiser has found no way further down: this evaluator's gradients lead nowhere any more."""


def optimise(
    evaluator: Evaluator,
    start: Tensor,
    steps: int,
    optimiser: Callable[[Point], Optimiser],
    is_enough: Callable[[float], bool] = lambda _loss: False,
) -> Iterator[Step]:
    """Take up to ``steps`` steps of one evaluation each, from centred pixels ``start`` (1, 3, H, W).

    As in the seed, the start is evaluated first and its loss never competes: a step comes before the loss
    that is reported for it, and the least of those is the best. Where nothing is left to gain, or the least
    loss ``is_enough``, the last step comes early, with the number ``steps``. A step to a loss or gradient that
    is not finite, or that explodes, is taken back to the best point. JobError ``painting-diverged`` where that
    does not help.
    """
    origin = Point(start, evaluator.evaluate(start))
    if not _is_finite(origin.evaluation):
        raise _diverged("the very first step gave no number")
    walker = optimiser(origin)
    best: Point | None = None
    refuge, greatest, failures = origin, origin.evaluation.loss, 0
    del start, origin  # large, and from here on only `refuge` has a use for them
    for number in range(1, steps + 1):
        x = walker.propose()
        if x is None:
            yield Step(steps, walker.point, best or walker.point, is_exhausted=True)
            return
        trial = Point(x, evaluator.evaluate(x))
        if _is_finite(trial.evaluation) and trial.evaluation.loss <= EXPLOSION * greatest:
            walker.observe(trial)
            greatest, failures = max(greatest, walker.point.evaluation.loss), 0
        else:
            failures += 1
            if failures > MOST_FAILURES:
                raise _diverged(f"{failures} steps in a row led nowhere")
            walker.retreat(refuge)
        del x, trial
        if best is None or walker.point.evaluation.loss < best.evaluation.loss:
            best = refuge = walker.point
        ends = is_enough(best.evaluation.loss)
        yield Step(steps if ends else number, walker.point, best)
        if ends:
            return


def _is_finite(evaluation: Evaluation) -> bool:
    extremes: list[float] = torch.stack(evaluation.gradient.aminmax()).tolist()
    return all(math.isfinite(value) for value in (evaluation.loss, *extremes))


def _diverged(what: str) -> JobError:
    return JobError(
        "painting-diverged",
        f"The painting ran away from its picture: {what}.",
        "Lower the weights or the learning rate, or try the preset `painting`; `gramarye doctor` checks the network.",
    )
