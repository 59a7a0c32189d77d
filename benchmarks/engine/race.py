"""Evaluations and seconds that each program takes to a loss."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import torch
from torch import Tensor

from gramarye.engine.numeric.precision import FLOAT32
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.vgg.feature_cache import FeatureCache

from . import eager
from .cases import BenchmarkCase

Baseline = Callable[[BenchmarkCase, int, eager.LossCallback], None]
"""Arguments: the case, the number of evaluations, and a callback for each."""

NEAR_GOAL_FACTOR = 1.05
"""Gramarye's own loss is not computed in float32: below this multiple of a goal, every step is judged in float32 until
the goal is reached."""


class Reached(NamedTuple):
    """Evaluations and seconds until a loss was reached."""

    evaluations: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.evaluations} in {self.seconds:.1f} s"


@dataclass
class Run:
    """The loss after each evaluation, and the seconds until it was reached; ``last`` is the loss of the final picture,
    in float32.
    """

    name: str
    losses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    last: float = math.nan

    def time_to_loss(self, loss: float) -> Reached | None:
        """Evaluations and seconds until the loss is at most ``loss``; None if it never is."""
        for index, own in enumerate(self.losses):
            if own <= loss:
                return Reached(index + 1, self.seconds[index])
        return None

    @property
    def best(self) -> float:
        """The least loss; evaluations that overflowed do not count."""
        return min(loss for loss in self.losses if math.isfinite(loss))

    @property
    def time_to_best(self) -> Reached:
        """Evaluations and seconds until the least loss."""
        reached = self.time_to_loss(self.best)
        assert reached is not None, "the best loss is among the losses"
        return reached


def eager_run(name: str, baseline: Baseline, case: BenchmarkCase, count: int) -> Run:
    """Run a baseline for ``count`` evaluations; its losses are the common objective's."""
    run = Run(name)
    began = time.perf_counter()

    def callback(_x: Tensor, loss: float) -> None:
        run.losses.append(loss)
        run.seconds.append(time.perf_counter() - began)

    baseline(case, count, callback)
    run.last = run.losses[-1]
    return run


def extrapolated_run(
    name: str, baseline: Baseline, case: BenchmarkCase, count: int, losses: list[float]
) -> tuple[Run, list[float]]:
    """A baseline's run with ``losses`` from another device, and the relative deviations of the first ``count`` losses
    here.

    Those ``count`` evaluations give the speed. (L-BFGS slows down as its history fills; this is ignored, in its
    favour.)
    """
    begun = eager_run(name, baseline, case, count)
    pace = (begun.seconds[-1] - begun.seconds[0]) / (count - 1)
    pairs = zip(begun.losses, losses, strict=False)
    deviations = [abs(own / other - 1.0) for own, other in pairs if math.isfinite(own) and math.isfinite(other)]
    seconds = [begun.seconds[0] + pace * number for number in range(len(losses))]
    return Run(name, losses, seconds, losses[-1]), deviations


def gramarye_run(case: BenchmarkCase, precision: str, count: int, goals: tuple[float, ...]) -> Run:
    """Run Gramarye for ``count`` steps on the same objective, from the content with its own optimiser.

    Near a goal that it has not reached its picture is judged in float32, and so is its last picture, with the clock
    stopped; elsewhere its own loss is used. It starts without cached features.
    """
    recipe = replace(
        case.recipe, optimiser="lbfgs", init="content", steps=count, precision=precision, history=20, recolour=True
    )
    network = replace(case.network, feature_cache=FeatureCache())
    reference_evaluator, run, stopped = case.reference_evaluator(), Run(f"Gramarye, {precision}"), 0.0
    began = time.perf_counter()
    best = math.inf
    for iterate in paint(case.content, [StyleInput(case.style)], recipe, network, str(case.device)):
        now = time.perf_counter()
        assert iterate.best_loss is not None, "every step has a loss"
        loss = iterate.best_loss
        if any(goal < best and loss < NEAR_GOAL_FACTOR * goal for goal in goals):
            loss = reference_evaluator.evaluate(iterate.best).loss
        best = min(best, loss)
        run.losses.append(best)
        run.seconds.append(now - began - stopped)
        stopped += time.perf_counter() - now
    run.last = reference_evaluator.evaluate(iterate.best).loss
    return run


def objective_ratio(case: BenchmarkCase) -> float:
    """The baselines' loss over the reference evaluator's for one picture: 1 if both are the same objective."""
    content, _ = case.network_inputs()
    x = content + 10.0 * torch.randn(content.shape, generator=torch.Generator().manual_seed(0)).to(content)
    with FLOAT32.applied(case.device), torch.no_grad():
        baseline_loss = float(eager.EagerObjective(case)(x))
    return baseline_loss / case.reference_evaluator().evaluate(x).loss
