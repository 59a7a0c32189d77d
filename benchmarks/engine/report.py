"""The measurements as a table and as a plot."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .memory import Peak
from .race import Run


@dataclass(frozen=True)
class Line:
    """A measurement as text, beside its aim; ``met`` is None if there is no aim.

    ``reason`` explains a missed aim by other measurements of the same run.
    """

    name: str
    value: str
    aim: str = ""
    met: bool | None = None
    reason: str = ""

    def __str__(self) -> str:
        verdict = {None: "", True: "met", False: f"missed: {self.reason}"}[self.met]
        return f"| {self.name} | {self.value} | {self.aim} | {verdict} |"


@dataclass(frozen=True)
class Comparison:
    """Three runs on one pair of pictures."""

    name: str
    seed: Run
    lbfgs: Run
    ours: Run


def comparison_lines(comparisons: Sequence[Comparison], aims: tuple[float, float]) -> list[Line]:
    """Evaluations, seconds and ratios, medians over the pairs."""
    goals = (("seed", "the seed recipe's best loss", aims[0]), ("lbfgs", "the eager L-BFGS' best loss", aims[1]))
    return [_comparison_line(comparisons, goal, who, aim) for goal, who, aim in goals]


def _comparison_line(comparisons: Sequence[Comparison], goal: str, who: str, aim: float) -> Line:
    theirs = [_total(comparison, goal) for comparison in comparisons]
    found = [comparison.ours.time_to_loss(_best(comparison, goal)) for comparison in comparisons]
    ratio = statistics.median(
        other[1] / run[1] if run else 0.0
        for run, other in zip(found, theirs, strict=True)  # 0: never reached
    )
    reached = [run for run in found if run is not None]
    quicker = statistics.median(
        other[1] / other[0] * len(comparison.ours.losses) / comparison.ours.seconds[-1]
        for comparison, other in zip(comparisons, theirs, strict=True)
    )
    affordable = theirs[0][0] * quicker / aim
    reason = f"an evaluation is {quicker:.2f} times as fast as theirs, so 1/{aim:g} would take {affordable:.0f} of them"
    if ratio:
        evaluations = statistics.median(run[0] for run in reached)
        seconds, longer = statistics.median(run[1] for run in reached), statistics.median(run[1] for run in theirs)
        text = (
            f"1/{ratio:.1f} ({seconds:.1f} s for {longer:.1f} s, {evaluations:.0f} evaluations for {theirs[0][0]};"
            f" {len(reached)} of {len(found)})"
        )
    else:
        nearest = statistics.median(comparison.ours.best / _best(comparison, goal) for comparison in comparisons)
        text = f"not reached: {nearest:.3f} of it at the end"
    return Line(f"time to {who}", text, f"1/{aim:g}", ratio >= aim, reason)


def memory_lines(peaks: Sequence[Peak], aim: float) -> list[Line]:
    """Memory at 24 megapixels, and per further megapixel."""
    by_size = {round(peak.megapixels): peak for peak in peaks}
    lines = [
        Line(f"peak memory, {peak.megapixels:g} MP", f"{peak.bytes / 1e9:.2f} GB, {peak.seconds:.1f} s an evaluation")
        for peak in peaks
    ]
    large, larger = by_size[24], by_size[36]
    growth = (larger.bytes - large.bytes) / 1e6 / (larger.megapixels - large.megapixels)
    lines.append(
        Line(
            "24 MP, memory beyond the picture",
            f"{large.bytes / 1e9:.2f} GB",
            f"{aim:g} GB",
            large.bytes <= aim * 1e9,
            f"{large.bytes / 24e6 / 12:.1f} float32 pictures, of which the optimiser holds {large.pictures:.1f}"
            f" and the features take {large.features / 1e9:.1f} GB",
        )
    )
    lines.append(
        Line(
            "memory per further megapixel",
            f"{growth:.0f} MB",
            "150 MB",
            growth <= 150.0,
            f"the optimiser's pictures alone grow by {12 * larger.pictures:.0f} MB",
        )
    )
    return lines


def table(title: str, lines: Sequence[Line]) -> str:
    """The table in Markdown."""
    return "\n".join([f"{title}\n", "| | measured | aim | |", "|---|---|---|---|", *map(str, lines), ""])


def plot(comparisons: Sequence[Comparison], peaks: Sequence[Peak], path: Path) -> None:
    """Loss over time for each pair, and memory over megapixels."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    panels = len(comparisons) + bool(peaks)
    figure, axes = pyplot.subplots(1, panels, figsize=(4.2 * panels, 3.6), squeeze=False, layout="constrained")
    for axis, comparison in zip(axes[0], comparisons, strict=False):
        for run, colour in ((comparison.seed, "#b0892e"), (comparison.lbfgs, "#5d7f9e"), (comparison.ours, "#9c2f3f")):
            best = [min(run.losses[: index + 1]) / comparison.seed.best for index in range(len(run.losses))]
            axis.plot(run.seconds, best, color=colour, label=run.name)
        axis.set(xscale="log", ylim=(0.85, 3.0), xlabel="seconds", ylabel="loss / seed recipe's best")
        axis.set_title(comparison.name, fontsize=9)
        axis.axhline(1.0, color="#cccccc", linewidth=0.8, zorder=0)
    if comparisons:
        axes[0][0].legend(fontsize=8)
    if peaks:
        axis = axes[0][-1]
        axis.plot([peak.megapixels for peak in peaks], [peak.bytes / 1e9 for peak in peaks], "o-", color="#9c2f3f")
        axis.set(xlabel="megapixels", ylabel="GB at most", ylim=(0.0, None))
        axis.set_title("memory of a painting", fontsize=9)
    figure.savefig(path, dpi=120)


def _best(comparison: Comparison, goal: str) -> float:
    return comparison.seed.best if goal == "seed" else comparison.lbfgs.best


def _total(comparison: Comparison, goal: str) -> tuple[int, float]:
    """Evaluations and seconds of a baseline's whole run."""
    run = comparison.seed if goal == "seed" else comparison.lbfgs
    return len(run.losses), run.seconds[-1]
