"""Who reaches a loss in how many evaluations and seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from gramarye.engine.numeric.precision import FLOAT32
from gramarye.engine.paint import StyleInput, paint

from . import eager
from .cases import BenchmarkCase

Baseline = Callable[[BenchmarkCase, int, eager.LossCallback], None]
"""(what it races in, how many evaluations it takes, who is told of each)."""

NEAR_GOAL_FACTOR = 1.05
"""Gramarye's own loss is not float32's: from this many times the goal on, every step is judged."""


@dataclass
class Run:
    """The loss after each evaluation, and the seconds that it was reached after."""

    name: str
    losses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def time_to_loss(self, loss: float) -> tuple[int, float] | None:
        """Evaluations and seconds to a loss no greater; None where it never was."""
        for index, own in enumerate(self.losses):
            if own <= loss:
                return index + 1, self.seconds[index]
        return None

    @property
    def best(self) -> float:
        """The least loss of all."""
        return min(self.losses)


def eager_run(name: str, baseline: Baseline, case: BenchmarkCase, count: int) -> Run:
    """A rival's run of ``count`` evaluations: its losses are the common objective's own."""
    run = Run(name)
    began = time.perf_counter()

    def callback(_x: Tensor, loss: float) -> None:
        run.losses.append(loss)
        run.seconds.append(time.perf_counter() - began)

    baseline(case, count, callback)
    return run


def extrapolated_run(
    name: str, baseline: Baseline, case: BenchmarkCase, count: int, losses: list[float]
) -> tuple[Run, list[float]]:
    """A rival's run whose ``losses`` another device has found, and by what share each of ``count`` here is off.

    These tell the pace of all. (L-BFGS slows down as its history fills: that is left out, in its favour.)
    """
    begun = eager_run(name, baseline, case, count)
    pace = (begun.seconds[-1] - begun.seconds[0]) / (count - 1)
    deviations = [abs(own / other - 1.0) for own, other in zip(begun.losses, losses, strict=False)]
    return Run(name, losses, [begun.seconds[0] + pace * number for number in range(len(losses))]), deviations


def gramarye_run(case: BenchmarkCase, precision: str, count: int, goals: tuple[float, ...]) -> Run:
    """Gramarye on the same objective: from the content, its own optimiser, until it has reached every goal.

    Its picture is judged in float32 wherever its own loss is near a goal, with the clock stopped meanwhile; elsewhere
    its own loss stands.
    """
    recipe = replace(
        case.recipe, optimiser="lbfgs", init="content", steps=count, precision=precision, history=20, recolour=True
    )
    reference_evaluator, run, stopped = case.reference_evaluator(), Run(f"Gramarye, {precision}"), 0.0
    began = time.perf_counter()
    best = float("inf")
    for iterate in paint(case.content, [StyleInput(case.style)], recipe, case.network, str(case.device)):
        now = time.perf_counter()
        loss = iterate.best_loss or 0.0
        if any(goal / NEAR_GOAL_FACTOR < loss < NEAR_GOAL_FACTOR * goal for goal in goals):
            loss = reference_evaluator.evaluate(iterate.best).loss
        best = min(best, loss)
        run.losses.append(best)
        run.seconds.append(now - began - stopped)
        stopped += time.perf_counter() - now
        if best <= min(goals):
            break
    return run


def objective_ratio(case: BenchmarkCase) -> float:
    """The rivals' loss over the judge's for one picture: 1 where both are the same objective."""
    content, _ = case.network_inputs()
    x = content + 10.0 * torch.randn(content.shape, generator=torch.Generator().manual_seed(0)).to(content)
    with FLOAT32.applied(case.device), torch.no_grad():
        rivals = float(eager.EagerObjective(case)(x))
    return rivals / case.reference_evaluator().evaluate(x).loss
