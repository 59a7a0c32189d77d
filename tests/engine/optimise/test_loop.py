"""The loop's safeguards: it keeps the best point, undoes failed steps and raises a named error at the end."""

import math
from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from engine.support import Quadratic
from gramarye.engine.optimise.adam import Adam
from gramarye.engine.optimise.evaluator import Evaluation, Evaluator
from gramarye.engine.optimise.lbfgs import LBFGS
from gramarye.engine.optimise.loop import MAX_FAILURES, Step, optimise
from gramarye.engine.optimise.optimiser import Optimiser, Point
from gramarye.errors import JobError

START = torch.zeros((1, 3, 4, 4), dtype=torch.float64)
TARGET = torch.full_like(START, 40.0)

OPTIMISERS: list[Callable[[Point], Optimiser]] = [lambda p: Adam(p, 5.0), lambda p: LBFGS(p, 5)]
both = pytest.mark.parametrize("optimiser", OPTIMISERS, ids=["adam", "lbfgs"])


class FaultyEvaluator:
    """A quadratic with faulty evaluations: ``spoil`` maps an evaluation's number (0 for the start) and its result."""

    def __init__(self, spoil: Callable[[int, Evaluation], Evaluation]) -> None:
        self._honest = Quadratic(TARGET)
        self._spoil = spoil
        self._count = -1

    def evaluate(self, x: Tensor) -> Evaluation:
        """Evaluate, then apply ``spoil``."""
        self._count += 1
        return self._spoil(self._count, self._honest.evaluate(x))


def nan_loss(at: Sequence[int]) -> Evaluator:
    return FaultyEvaluator(lambda n, e: Evaluation(math.nan, e.gradient, e.parts) if n in at else e)


def infinite_gradient(at: Sequence[int]) -> Evaluator:
    return FaultyEvaluator(lambda n, e: Evaluation(e.loss, e.gradient * math.inf, e.parts) if n in at else e)


def exploding(start: int) -> Evaluator:
    return FaultyEvaluator(lambda n, e: Evaluation(1e5**n, e.gradient, e.parts) if n >= start else e)


def run(evaluator: Evaluator, optimiser: Callable[[Point], Optimiser], steps: int = 40) -> list[Step]:
    return list(optimise(evaluator, START, steps, optimiser))


@both
def test_the_best_of_all_steps_is_kept_and_the_start_does_not_compete(optimiser: Callable[[Point], Optimiser]) -> None:
    steps = run(Quadratic(TARGET), optimiser)
    least = math.inf
    for number, step in enumerate(steps, start=1):
        least = min(least, step.point.evaluation.loss)
        assert step.best.evaluation.loss == least
        assert step.number in (number, 40)
    assert steps[-1].number == 40


def test_adams_best_is_a_step_even_if_the_loss_rises() -> None:
    steps = list(optimise(Quadratic(START), START, 1, OPTIMISERS[0]))
    assert steps[0].best is steps[0].point


@both
@pytest.mark.parametrize("spoil", [nan_loss, infinite_gradient], ids=["nan-loss", "infinite-gradient"])
def test_one_bad_evaluation_steps_back_to_the_best_and_goes_on(
    spoil: Callable[[Sequence[int]], Evaluator], optimiser: Callable[[Point], Optimiser]
) -> None:
    steps = run(spoil([6]), optimiser)
    assert steps[5].point is steps[4].best
    assert steps[-1].best.evaluation.loss < steps[4].best.evaluation.loss
    assert all(math.isfinite(step.point.evaluation.loss) for step in steps)
    assert all(bool(step.point.x.isfinite().all()) for step in steps)


@both
def test_a_bad_first_step_goes_back_to_the_start(optimiser: Callable[[Point], Optimiser]) -> None:
    steps = run(nan_loss([1]), optimiser)
    assert torch.equal(steps[0].point.x, START)
    assert steps[-1].best.evaluation.loss < steps[0].point.evaluation.loss


@both
@pytest.mark.parametrize(
    "evaluator",
    [lambda: nan_loss(range(3, 100)), lambda: infinite_gradient(range(3, 100)), lambda: exploding(3)],
    ids=["nan", "infinite", "exploding"],
)
def test_repeated_failures_raise_the_named_error(
    evaluator: Callable[[], Evaluator], optimiser: Callable[[Point], Optimiser]
) -> None:
    taken: list[Step] = []
    with pytest.raises(JobError) as caught:
        taken.extend(optimise(evaluator(), START, 100, optimiser))
    assert caught.value.code == "painting-diverged"
    assert caught.value.hint
    assert len(taken) == 2 + MAX_FAILURES
    assert all(math.isfinite(step.best.evaluation.loss) for step in taken)


@both
def test_a_start_that_is_not_finite_raises_at_once(optimiser: Callable[[Point], Optimiser]) -> None:
    with pytest.raises(JobError) as caught:
        run(nan_loss([0]), optimiser)
    assert caught.value.code == "painting-diverged"


@both
def test_one_step_is_one_evaluation(optimiser: Callable[[Point], Optimiser]) -> None:
    evaluator = Quadratic(TARGET)
    steps = run(evaluator, optimiser, steps=7)
    assert len(steps) == 7
    assert len(evaluator.losses) == 1 + 7
