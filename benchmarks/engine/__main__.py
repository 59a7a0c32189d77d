"""``python -m benchmarks.engine``: compare the seed's recipe, a plain eager L-BFGS and Gramarye.

All use the same pictures, weights and device, and every loss is the seed's objective in float32. The network is the
default one, VGG19, unless ``--network`` names another. The pictures are three pairs of the project's own, and three of
photographs and paintings where their folder is there (``--pictures``). Nothing else should run meanwhile. The defaults
take about two hours on two cores with AMX, most of it in the race: both baselines need a thousand evaluations for every
pair. Their final losses hardly depend on the device, so the losses that one run has written can be given to another
(``--losses``), which then only measures the baselines' speed. A short run is, for example,
``--sections race --pairs waves --side 128 --evaluations 40 --steps 40``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from gramarye.daemon.worker_process import worker_environment
from gramarye.engine.numeric.allocator import keep_freed_memory
from gramarye.engine.numeric.device import choose_device
from gramarye.engine.vgg.network import Network

from . import checkouts
from .cases import BenchmarkCase, load_installed_network, make_cases
from .compare import Comparison, Limits, compare, save_losses, warm_up
from .eta import eta_errors
from .memory import Peak, measure_peaks
from .pairs import NAMES, OWN_PAIRS, PICTURES, Pair, find_pairs
from .race_table import RACE_HEAD, comparison_lines, race_row, race_summary
from .rates import rates
from .report import Line, memory_lines, plot, table
from .tiles import measure_tilings

SECTIONS = ("race", "rates", "tiles", "memory", "remaining")
AIMS = {"cpu": (25.0, 6.0, 0.75, 6.0), "cuda": (40.0, 15.0, 0.40, 8.0)}
"""Aims: speed-up over each baseline, share of the bfloat16 matrix rate, gigabytes at 24 megapixels."""

MAX_EVALUATION_MS = 1.5
"""Aim for one evaluation at 512 px in milliseconds, on CUDA only."""

MAX_TILING_OVERHEAD = 1.4
"""Aim for the time of a 4-megapixel evaluation in tiles over that without tiles."""

MAX_ETA_ERROR = 0.2
"""Aim for the relative error of the remaining time after a tenth of a painting."""


def main() -> None:
    """Measure, print, and write ``table.md`` and ``plot.png``."""
    args = _arguments()
    _use_worker_environment()
    keep_freed_memory(args.side**2)
    device = choose_device(args.device)
    network = load_installed_network(args.network)
    aims = AIMS.get(device.type, AIMS["cpu"])
    machine = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "this CPU"
    title = f"{network.name} on {device} ({machine}, {torch.get_num_threads()} threads), PyTorch {torch.__version__}"
    print(title, flush=True)
    race: list[str] = []
    lines: list[Line] = []
    comparisons: list[Comparison] = []
    found: list[Peak] = []
    if "race" in args.sections:
        cases = make_cases(_pairs(args), args.side, network, device)
        race = _print_each(_race_head(args))
        warm_up(cases[0], args.precision)
        for case in cases:
            comparisons.append(compare(case, Limits(args.evaluations, args.steps, args.precision, args.losses)))
            race += _print_each([race_row(comparisons[-1])])
            lines += _outcomes(case, args)
        race += _print_each([race_summary(comparisons), ""])
        lines += comparison_lines(comparisons, aims[:2])
    if "rates" in args.sections:
        lines += _rate_lines(network, device, aims[2])
    if "tiles" in args.sections:
        lines += _tile_lines(network, device)
    if "memory" in args.sections:
        found = measure_peaks(device, network.name)
        lines += memory_lines(found, aims[3])
    if "remaining" in args.sections:
        lines.append(_remaining_line(network, device))
    if device.type != "cuda":
        lines.append(Line("all of this on CUDA", "not measured: needs such a device", "; ".join(_cuda_aims())))
    args.output.mkdir(parents=True, exist_ok=True)
    text = table(lines)
    print(text)
    (args.output / "table.md").write_text("\n".join([f"{title}\n", *race, text]), encoding="utf-8")
    if comparisons:
        save_losses(comparisons, args.output / "losses.json")
    if (comparisons or found) and not plot(comparisons, found, args.output / "plot.png"):
        print("No plot was drawn: it needs matplotlib, which the extra `bench` installs.")


def _use_worker_environment() -> None:
    """Start this program again with the environment of the daemon's worker, if it does not have it."""
    environment = worker_environment()
    if environment != dict(os.environ):
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.engine", *sys.argv[1:]], environment)


def _print_each(lines: Sequence[str]) -> list[str]:
    """Print lines at once, since the next one may take long; return them."""
    for line in lines:
        print(line, flush=True)
    return list(lines)


def _race_head(args: argparse.Namespace) -> list[str]:
    """What is raced, and the head of the race's table."""
    size = f"{args.evaluations} evaluations of each baseline, {args.steps} steps of Gramarye"
    about = f"The race, longest side {args.side} px, {size}. Losses are relative to the best of the seed's recipe."
    if not args.pair and find_pairs(args.pictures) == OWN_PAIRS:
        about += " Only the project's own pairs were measured: the folder of photographs and paintings is not there."
    return [about, "", RACE_HEAD]


def _pairs(args: argparse.Namespace) -> list[Pair]:
    """The pairs that were chosen. Raises SystemExit where a chosen picture is not there."""
    if args.pair:
        return [(content, style) for content, style in args.pair]
    found = find_pairs(args.pictures)
    absent = [name for name in args.pairs or () if name not in found]
    if absent:
        raise SystemExit(f"{args.pictures} has no pictures for {', '.join(absent)}: name another folder (--pictures).")
    return [found[name] for name in args.pairs or found]


def _outcomes(case: BenchmarkCase, args: argparse.Namespace) -> list[Line]:
    """The outcomes of the programs whose checkouts are given."""
    outcomes = []
    if args.neural_style_pt:
        outcomes.append(checkouts.neural_style_pt(args.neural_style_pt.resolve(), case, args.evaluations))
    if args.style_transfer_pytorch:
        outcomes.append(checkouts.style_transfer_pytorch(args.style_transfer_pytorch.resolve(), case))
    return [
        Line(f"{outcome.name}, {case.name}", f"{outcome.seconds:.1f} s, loss {outcome.loss:.4g}")
        for outcome in outcomes
    ]


def _rate_lines(network: Network, device: torch.device, aim: float) -> list[Line]:
    found = rates(network, device)
    fastest = max(found, key=lambda rate: rate.matmul)
    quickest = min(rate.seconds for rate in found)
    lines = [
        Line(
            f"one evaluation at 512 px, {rate.precision}",
            f"{1e3 * rate.seconds:.1f} ms; {rate.evaluation / rate.matmul:.2f} of its own matrix rate"
            f" ({rate.matmul / 1e9:.0f} GFLOP/s), {rate.evaluation / fastest.matmul:.2f} of the best",
        )
        for rate in found
    ]
    share = fastest.evaluation / fastest.matmul
    convolving = max(fastest.convolutions, 1e-9) / fastest.seconds
    reason = (
        f"its convolutions alone run at {share / convolving:.2f}, but passes over the features, which bring"
        f" no multiply-adds, take {1.0 - convolving:.2f} of the time"
    )
    lines.append(Line(f"rate in {fastest.precision}", f"{share:.2f}", f"{aim:g}", share >= aim, reason))
    if device.type == "cuda":
        replayed = [rate.precision for rate in found if rate.is_replayed]
        lines.append(Line("evaluations replayed as CUDA graphs", f"in {' and '.join(replayed) or 'no precision'}"))
        rest_is = "passes over the features" if len(replayed) == len(found) else "calls, one by one"
        steps = f"the matrix rate alone would take {1e3 * quickest * share:.2f} ms; the rest is {rest_is}"
        is_met = 1e3 * quickest <= MAX_EVALUATION_MS
        lines.append(
            Line("one evaluation at 512 px", f"{1e3 * quickest:.2f} ms", f"{MAX_EVALUATION_MS} ms", is_met, steps)
        )
    return lines


def _tile_lines(network: Network, device: torch.device) -> list[Line]:
    found = measure_tilings(network, device)
    lines = [
        Line(
            f"4 MP, {tiling.name}",
            f"{tiling.overhead:.2f} x the time of one piece, {tiling.work:.2f} x its multiply-adds; at 2 MP"
            f" gradient within {tiling.error:.0e}; against float64, along borders {tiling.seam:.2f} x the error"
            f" elsewhere (in one piece {tiling.seam_in_one_piece:.2f} x)",
        )
        for tiling in found
    ]
    planned = next(tiling for tiling in found if tiling.is_planned)
    widest = max(found, key=lambda tiling: tiling.overhead)
    reason = f"{planned.work:.2f} x is multiply-adds, the rest what tiles copy and call"
    text = (
        f"{planned.overhead:.2f} x ({planned.name}); {widest.overhead:.2f} x ({widest.name}) only where memory is short"
    )
    lines.append(
        Line(
            "4 MP, cut as planned where one piece does not fit",
            text,
            f"{MAX_TILING_OVERHEAD} x",
            planned.overhead <= MAX_TILING_OVERHEAD,
            reason,
        )
    )
    if widest.overhead > MAX_TILING_OVERHEAD:
        why = f"nothing is kept, so all is computed twice: {widest.work:.2f} x the multiply-adds, 1.5 x before any halo"
        lines.append(
            Line(
                "4 MP, cut where memory is shortest", f"{widest.overhead:.2f} x", f"{MAX_TILING_OVERHEAD} x", False, why
            )
        )
    return lines


def _remaining_line(network: Network, device: torch.device) -> Line:
    found = eta_errors(device, network, 1024)
    early, median = (statistics.median(values) for values in zip(*((t.early, t.median) for t in found), strict=True))
    text = f"{early:.0%} after a tenth; {median:.0%} from then on (medians over {len(found)} paintings)"
    reason = "a size ends where its progress does, or other work beside this has slowed it"
    return Line("remaining time, off by", text, f"{MAX_ETA_ERROR:.0%}", max(early, median) <= MAX_ETA_ERROR, reason)


def _cuda_aims() -> list[str]:
    seed, lbfgs, share, gigabytes = AIMS["cuda"]
    return [
        f"1/{seed:g}",
        f"1/{lbfgs:g}",
        f"rate {share:g}",
        f"{MAX_EVALUATION_MS} ms",
        f"{gigabytes:g} GB",
        "150 MB",
        f"{MAX_TILING_OVERHEAD} x",
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps or xpu")
    parser.add_argument("--network", help="an installed network (default: the one that paints if none is named)")
    parser.add_argument("--pictures", type=Path, default=PICTURES, help="folder of photographs and paintings")
    parser.add_argument("--pairs", nargs="+", choices=NAMES, help="pairs to race (default: all that are there)")
    parser.add_argument(
        "--pair", nargs=2, type=Path, action="append", metavar=("CONTENT", "STYLE"), help="other pictures; repeatable"
    )
    parser.add_argument("--side", type=int, default=256, help="longest side of the race's pictures, in pixels")
    parser.add_argument(
        "--evaluations", type=int, default=1000, help="of each baseline; with --losses, only to measure its speed"
    )
    parser.add_argument("--losses", type=Path, help="losses.json of a race of the same side on another device")
    parser.add_argument("--steps", type=int, default=600, help="steps that Gramarye takes")
    parser.add_argument("--precision", default="auto", help="Gramarye's, in the race")
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=SECTIONS, help="what to measure")
    parser.add_argument("--neural-style-pt", type=Path, help="a checkout of that program, to be timed too")
    parser.add_argument("--style-transfer-pytorch", type=Path, help="the same of style-transfer-pytorch")
    parser.add_argument("--output", type=Path, default=Path("build/benchmark"), help="folder for table and plot")
    return parser.parse_args()


if __name__ == "__main__":
    main()
