"""The race of three programs as a table, one row for each pair of pictures, and its aims."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from .compare import Comparison
from .race import Reached
from .report import Line


class TimesToLoss(NamedTuple):
    """A baseline's and another program's times to one loss; ``ours`` is None if that program never reached it."""

    theirs: Reached
    ours: Reached | None

    @property
    def speed_up(self) -> float:
        """The baseline's seconds over the program's; 0 if the loss was not reached."""
        return 0.0 if self.ours is None else self.theirs.seconds / self.ours.seconds

    def __str__(self) -> str:
        return "not reached" if self.ours is None else f"{self.ours} (1/{self.speed_up:.1f})"


def lbfgs_to_seed(comparison: Comparison) -> TimesToLoss:
    """Plain L-BFGS' time to the best loss of the seed's recipe."""
    seed = comparison.seed
    return TimesToLoss(seed.time_to_best, comparison.lbfgs.time_to_loss(seed.best))


def ours_to_seed(comparison: Comparison) -> TimesToLoss:
    """Gramarye's time to the best loss of the seed's recipe."""
    seed = comparison.seed
    return TimesToLoss(seed.time_to_best, comparison.ours.time_to_loss(seed.best))


def ours_to_lbfgs(comparison: Comparison) -> TimesToLoss:
    """Gramarye's time to the best loss of plain L-BFGS."""
    lbfgs = comparison.lbfgs
    return TimesToLoss(lbfgs.time_to_best, comparison.ours.time_to_loss(lbfgs.best))


RACE_HEAD = """\
| evaluations and seconds | the seed's recipe to its best | plain L-BFGS to that loss | Gramarye to that loss \
| plain L-BFGS to its best | Gramarye to that loss | best loss of L-BFGS | last loss of seed, L-BFGS, Gramarye |
|---|---|---|---|---|---|---|---|"""


def race_row(comparison: Comparison) -> str:
    """A pair's row in the table of the race; losses are relative to the seed's best."""
    runs = (comparison.seed, comparison.lbfgs, comparison.ours)
    cells = [
        comparison.name,
        str(comparison.seed.time_to_best),
        str(lbfgs_to_seed(comparison)),
        str(ours_to_seed(comparison)),
        str(comparison.lbfgs.time_to_best),
        str(ours_to_lbfgs(comparison)),
        f"{comparison.lbfgs.best / comparison.seed.best:.3f}",
        ", ".join(f"{run.last / comparison.seed.best:.3f}" for run in runs),
    ]
    return f"| {' | '.join(cells)} |"


def race_summary(comparisons: Sequence[Comparison]) -> str:
    """The row over all pairs: medians, and the range of each ratio."""
    last = (
        statistics.median(run.last / one.seed.best for one, run in zip(comparisons, runs, strict=True))
        for runs in (
            [one.seed for one in comparisons],
            [one.lbfgs for one in comparisons],
            [one.ours for one in comparisons],
        )
    )
    cells = [
        f"median of {len(comparisons)}",
        _median_time([one.seed.time_to_best for one in comparisons]),
        _median_ratio([lbfgs_to_seed(one) for one in comparisons]),
        _median_ratio([ours_to_seed(one) for one in comparisons]),
        _median_time([one.lbfgs.time_to_best for one in comparisons]),
        _median_ratio([ours_to_lbfgs(one) for one in comparisons]),
        f"{statistics.median(one.lbfgs.best / one.seed.best for one in comparisons):.3f}",
        ", ".join(f"{loss:.3f}" for loss in last),
    ]
    return f"| {' | '.join(cells)} |"


def comparison_lines(comparisons: Sequence[Comparison], aims: tuple[float, float]) -> list[Line]:
    """Gramarye's time to each baseline's best loss beside its aim, medians over the pairs."""
    to_seed, to_lbfgs = ([measure(one) for one in comparisons] for measure in (ours_to_seed, ours_to_lbfgs))
    return [
        Line(f"time to {whose}", _median_ratio(times), f"1/{aim:g}", _median_speed_up(times) >= aim, _why(times, aim))
        for whose, times, aim in (
            ("the seed recipe's best loss", to_seed, aims[0]),
            ("the plain L-BFGS' best loss", to_lbfgs, aims[1]),
        )
    ]


def _why(times: Sequence[TimesToLoss], aim: float) -> str:
    """The evaluations that would meet the aim, at the measured speed."""
    reached = [(time.theirs, time.ours) for time in times if time.ours]
    if not reached:
        return "not reached"
    affordable = statistics.median(theirs.seconds / aim * ours.evaluations / ours.seconds for theirs, ours in reached)
    taken = statistics.median(ours.evaluations for _, ours in reached)
    return f"1/{aim:g} would allow {affordable:.0f} evaluations, and it took {taken:.0f}"


def _median_time(times: Sequence[Reached]) -> str:
    evaluations = round(statistics.median(time.evaluations for time in times))
    return str(Reached(evaluations, statistics.median(time.seconds for time in times)))


def _median_speed_up(times: Sequence[TimesToLoss]) -> float:
    return statistics.median(time.speed_up for time in times)


def _median_ratio(times: Sequence[TimesToLoss]) -> str:
    """Medians over those that reached the loss, the ratios' range, and how many did."""
    reached = [time.ours for time in times if time.ours]
    if not reached:
        return f"not reached (0 of {len(times)})"
    ratios = sorted(time.speed_up for time in times if time.ours)
    extent = f"1/{ratios[0]:.1f} to 1/{ratios[-1]:.1f}; {len(reached)} of {len(times)}"
    middle = _median_speed_up(times)
    return f"{_median_time(reached)} ({f'1/{middle:.1f}' if middle else 'mostly not reached'}; {extent})"
