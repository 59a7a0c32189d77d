"""The measurements as a table and as a plot."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .compare import Comparison
from .memory import Peak

PLOT_COLUMNS = 4


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


def table(lines: Sequence[Line]) -> str:
    """The table in Markdown."""
    return "\n".join(["| | measured | aim | |", "|---|---|---|---|", *map(str, lines), ""])


def plot(comparisons: Sequence[Comparison], peaks: Sequence[Peak], path: Path) -> bool:
    """Draw loss over time for each pair, and memory over megapixels; False if matplotlib is not installed."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        return False
    mpl.use("agg")
    from matplotlib import pyplot

    panels = len(comparisons) + bool(peaks)
    columns = min(panels, PLOT_COLUMNS)
    rows = -(-panels // columns)
    figure, grid = pyplot.subplots(
        rows, columns, figsize=(4.2 * columns, 3.6 * rows), squeeze=False, layout="constrained"
    )
    axes = list(grid.flat)
    for unused in axes[panels:]:
        unused.set_axis_off()
    for axis, comparison in zip(axes, comparisons, strict=False):
        for run, colour in ((comparison.seed, "#b0892e"), (comparison.lbfgs, "#5d7f9e"), (comparison.ours, "#9c2f3f")):
            best = [loss / comparison.seed.best for loss in itertools.accumulate(run.losses, min)]
            axis.plot(run.seconds, best, color=colour, label=run.name)
        axis.set(xscale="log", yscale="log", ylim=(None, 3.0), xlabel="seconds", ylabel="loss / seed recipe's best")
        axis.set_title(comparison.name, fontsize=9)
        axis.axhline(1.0, color="#cccccc", linewidth=0.8, zorder=0)
    if comparisons:
        axes[0].legend(fontsize=8)
    if peaks:
        axis = axes[panels - 1]
        axis.plot([peak.megapixels for peak in peaks], [peak.bytes / 1e9 for peak in peaks], "o-", color="#9c2f3f")
        axis.set(xlabel="megapixels", ylabel="GB at most", ylim=(0.0, None))
        axis.set_title("memory of a painting", fontsize=9)
    figure.savefig(path, dpi=120)
    return True
