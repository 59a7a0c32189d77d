"""One pair of pictures painted by the three programs: the seed's recipe, a plain L-BFGS and Gramarye."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gramarye.engine.vgg.feature_cache import FeatureCache

from . import eager
from .cases import BenchmarkCase
from .race import Baseline, Run, eager_run, extrapolated_run, gramarye_run, objective_ratio

SEED, LBFGS = "the seed's recipe", "plain L-BFGS"
BASELINES: Mapping[str, Baseline] = {SEED: eager.seed, LBFGS: eager.lbfgs}

SAME_RACE_TOLERANCE = 0.01
"""Largest relative difference of a baseline's first loss, from the same noise, between two devices."""

WARM_UPS = 4
"""Steps of every program before the clock starts."""


@dataclass(frozen=True)
class Limits:
    """Evaluations of each baseline, steps of Gramarye and its precision.

    ``losses`` is the file of a race on another device; the baselines then only run to measure their speed.
    """

    evaluations: int
    steps: int
    precision: str
    losses: Path | None = None


@dataclass(frozen=True)
class Comparison:
    """Three runs on one pair of pictures."""

    name: str
    seed: Run
    lbfgs: Run
    ours: Run


def warm_up(case: BenchmarkCase, precision: str) -> None:
    """Run a few steps of every program, so that libraries load and compile what they need."""
    uncached = replace(case, network=replace(case.network, feature_cache=FeatureCache()))
    for baseline in BASELINES.values():
        baseline(uncached, WARM_UPS, lambda _x, _loss: None)
    gramarye_run(uncached, precision, WARM_UPS, (0.0,))


def compare(case: BenchmarkCase, limits: Limits) -> Comparison:
    """Run the three programs. Raises SystemExit where their objectives differ."""
    ratio = objective_ratio(case)
    if abs(ratio - 1.0) > 1e-3:
        raise SystemExit(f"The baselines are {ratio} times the reference evaluator: the losses cannot be compared.")
    seed, lbfgs = (_run_baseline(name, baseline, case, limits) for name, baseline in BASELINES.items())
    return Comparison(
        case.name, seed, lbfgs, gramarye_run(case, limits.precision, limits.steps, (seed.best, lbfgs.best))
    )


def save_losses(comparisons: Sequence[Comparison], path: Path) -> None:
    """Write the baselines' losses for a race of the same pairs on another device."""
    losses = {one.name: {run.name: run.losses for run in (one.seed, one.lbfgs)} for one in comparisons}
    path.write_text(json.dumps(losses), encoding="utf-8")


def _run_baseline(name: str, baseline: Baseline, case: BenchmarkCase, limits: Limits) -> Run:
    if not limits.losses:
        return eager_run(name, baseline, case, limits.evaluations)
    losses = json.loads(limits.losses.read_text(encoding="utf-8")).get(case.name, {}).get(name)
    if not losses:
        raise SystemExit(f"{limits.losses} has no losses of {name} in {case.name}: name the pairs of its race.")
    run, deviations = extrapolated_run(name, baseline, case, limits.evaluations, losses)
    if deviations[0] > SAME_RACE_TOLERANCE:
        wrong = f"{limits.losses} is of another race: {name} begins {deviations[0]:.0%} off."
        raise SystemExit(f"{wrong} Name that race's --side and --network.")
    print(f"{case.name}, {name}: its first {len(deviations)} losses are within {max(deviations):.1%} of those given")
    return run
