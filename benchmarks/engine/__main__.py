"""``python -m benchmarks.engine``: the seed's recipe, a plain eager L-BFGS and Gramarye, side by side.

The same pictures, weights and device; every loss is the seed's objective in float32. Nothing else should run meanwhile.
The defaults take about an hour on two cores: the two rivals need a thousand evaluations each for every pair. What they
end at hardly depends on the device (L-BFGS' way there does), so the losses that one race has written down serve
another, which only times them.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
from pathlib import Path

import torch

from gramarye.engine.numeric.device import choose_device, use_huge_pages
from gramarye.engine.vgg.network import Network

from . import checkouts, eager
from .cases import PAIRS, Setting, draft, full_width, installed, settings
from .eta import told
from .memory import Peak, peaks
from .race import Contestant, Run, check_alike, eager_run, gramarye_run, paced_run
from .rates import rates
from .report import Contest, Line, contest_lines, memory_lines, plot, table
from .tiles import cuts

SECTIONS = ("race", "rates", "tiles", "memory", "remaining")
RIVALS: dict[str, Contestant] = {"the seed's recipe": eager.seed, "eager L-BFGS": eager.lbfgs}
AIMS = {"cpu": (25.0, 6.0, 0.75, 6.0), "cuda": (40.0, 15.0, 0.40, 8.0)}
"""Both times, the share of the bf16 matrix rate, gigabytes at 24 megapixels."""

ONE_RACE = 0.01
"""By what share a rival's first loss, which is of the same noise on every device, may be off that of another device."""

WARM_UPS = 4
"""Steps of every contestant before the clock runs."""

MILLISECONDS = 1.5
"""Of one evaluation at 512 px, on CUDA alone."""

OVERHEAD = 1.4
"""Of a picture of 4 megapixels cut, against one in one piece."""

OFF = 0.2
"""By what share the remaining time may be off after a tenth of a painting."""


def main() -> None:
    """Measure, print, and write ``table.md`` and ``plot.png``."""
    given = _arguments()
    use_huge_pages()
    device = choose_device(given.device)
    network = _network(given.network)
    aims = AIMS.get(device.type, AIMS["cpu"])
    machine = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "this CPU"
    title = f"{network.name} on {device} ({machine}, {torch.get_num_threads()} threads), PyTorch {torch.__version__}"
    print(title, flush=True)
    lines: list[Line] = []
    contests: list[Contest] = []
    found: list[Peak] = []
    if "race" in given.sections:
        pairs = settings(given.pair or PAIRS, given.side, network, device)
        _warm_up(pairs[0], given)
        for setting in pairs:
            contests.append(_contest(setting, given))
            lines += _outcomes(setting, given)
        lines += contest_lines(contests, aims[:2])
    if "rates" in given.sections:
        lines += _rate_lines(network, device, aims[2])
    if "tiles" in given.sections:
        lines += _tile_lines(device)
    if "memory" in given.sections:
        found = peaks(device)
        lines += memory_lines(found, aims[3])
    if "remaining" in given.sections:
        lines.append(_remaining_line(device))
    if device.type != "cuda":
        lines.append(Line("all of this on CUDA", "not measured: needs such a device", "; ".join(_cuda_aims())))
    given.output.mkdir(parents=True, exist_ok=True)
    text = table(title, lines)
    print(text)
    (given.output / "table.md").write_text(text, encoding="utf-8")
    if contests:
        (given.output / "losses.json").write_text(_losses(contests), encoding="utf-8")
    if contests or found:
        plot(contests, found, given.output / "plot.png")


def _warm_up(setting: Setting, given: argparse.Namespace) -> None:
    """A few steps of every contestant: libraries load, and compile, what they need."""
    for contestant in RIVALS.values():
        contestant(setting, WARM_UPS, lambda _x, _loss: None)
    gramarye_run(setting, given.precision, WARM_UPS, (0.0,))


def _contest(setting: Setting, given: argparse.Namespace) -> Contest:
    alike = check_alike(setting)
    if abs(alike - 1.0) > 1e-3:
        raise SystemExit(f"The rivals' objective is {alike} times the judge's: they do not compare.")
    seed, rival = (_rival(name, run, setting, given) for name, run in RIVALS.items())
    ours = gramarye_run(setting, given.precision, given.steps, (seed.best, rival.best))
    for run in (seed, rival, ours):
        best = run.best / seed.best
        print(
            f"{setting.name:<28} {run.name:<20} {len(run.losses):5d} evaluations {run.seconds[-1]:8.1f} s  "
            f"best {best:.4f} of the seed's, which it reached after {run.reached(seed.best)}",
            flush=True,
        )
    return Contest(setting.name, seed, rival, ours)


def _rival(name: str, contestant: Contestant, setting: Setting, given: argparse.Namespace) -> Run:
    if not given.losses:
        return eager_run(name, contestant, setting, given.evaluations)
    losses = json.loads(given.losses.read_text(encoding="utf-8")).get(setting.name, {}).get(name)
    if not losses:
        raise SystemExit(f"{given.losses} has no losses of {name} in {setting.name}: name the pairs of its race.")
    run, apart = paced_run(name, contestant, setting, given.evaluations, losses)
    if apart[0] > ONE_RACE:
        wrong = f"{given.losses} is of another race: {name} begins {apart[0]:.0%} off."
        raise SystemExit(f"{wrong} Name that race's --side and --network.")
    print(f"{setting.name:<28} {name:<20} its first {len(apart)} losses are within {max(apart):.1%} of those given")
    return run


def _losses(contests: list[Contest]) -> str:
    return json.dumps({one.name: {run.name: run.losses for run in (one.seed, one.rival)} for one in contests})


def _outcomes(setting: Setting, given: argparse.Namespace) -> list[Line]:
    """Of the programs whose checkouts are named."""
    outcomes = []
    if given.neural_style_pt:
        outcomes.append(checkouts.neural_style_pt(given.neural_style_pt.resolve(), setting, given.evaluations))
    if given.style_transfer_pytorch:
        outcomes.append(checkouts.style_transfer_pytorch(given.style_transfer_pytorch.resolve(), setting))
    return [
        Line(f"{outcome.name}, {setting.name}", f"{outcome.seconds:.1f} s, loss {outcome.loss:.4g}")
        for outcome in outcomes
    ]


def _rate_lines(network: Network, device: torch.device, aim: float) -> list[Line]:
    found = rates(network, device)
    fastest = max(found, key=lambda rate: rate.product)
    quickest = min(rate.seconds for rate in found)
    lines = [
        Line(
            f"one evaluation at 512 px, {rate.precision}",
            f"{1e3 * rate.seconds:.1f} ms; {rate.evaluation / rate.product:.2f} of its own matrix rate"
            f" ({rate.product / 1e9:.0f} GFLOP/s), {rate.evaluation / fastest.product:.2f} of the best",
        )
        for rate in found
    ]
    share = fastest.evaluation / fastest.product
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
        is_met = 1e3 * quickest <= MILLISECONDS
        lines.append(Line("one evaluation at 512 px", f"{1e3 * quickest:.2f} ms", f"{MILLISECONDS} ms", is_met, steps))
    return lines


def _tile_lines(device: torch.device) -> list[Line]:
    found = cuts(draft(), device)
    lines = [
        Line(
            f"4 MP, {way.name}",
            f"{way.overhead:.2f} x the time of one piece, {way.work:.2f} x its multiply-adds; gradient within"
            f" {way.error:.0e}; against float64, along borders {way.seam:.2f} x the error elsewhere (in one piece"
            f" {way.seam_in_one_piece:.2f} x)",
        )
        for way in found
    ]
    planned = next(way for way in found if way.is_planned)
    widest = max(found, key=lambda way: way.overhead)
    reason = f"{planned.work:.2f} x is multiply-adds, the rest what tiles copy and call"
    text = (
        f"{planned.overhead:.2f} x ({planned.name}); {widest.overhead:.2f} x ({widest.name}) only where memory is short"
    )
    lines.append(
        Line(
            "4 MP, cut as planned where one piece does not fit",
            text,
            f"{OVERHEAD} x",
            planned.overhead <= OVERHEAD,
            reason,
        )
    )
    if widest.overhead > OVERHEAD:
        why = f"nothing is kept, so all is computed twice: {widest.work:.2f} x the multiply-adds, 1.5 x before any halo"
        lines.append(
            Line("4 MP, cut where memory is shortest", f"{widest.overhead:.2f} x", f"{OVERHEAD} x", False, why)
        )
    return lines


def _remaining_line(device: torch.device) -> Line:
    found = told(device, 1024)
    early, median = (statistics.median(values) for values in zip(*((t.early, t.median) for t in found), strict=True))
    text = f"{early:.0%} after a tenth; {median:.0%} from then on (medians over {len(found)} paintings)"
    reason = "a size ends where its progress does, or other work beside this has slowed it"
    return Line("remaining time, off by", text, f"{OFF:.0%}", max(early, median) <= OFF, reason)


def _cuda_aims() -> list[str]:
    seed, rival, share, gigabytes = AIMS["cuda"]
    return [
        f"1/{seed:g}",
        f"1/{rival:g}",
        f"rate {share:g}",
        f"{MILLISECONDS} ms",
        f"{gigabytes:g} GB",
        "150 MB",
        f"{OVERHEAD} x",
    ]


def _network(name: str) -> Network:
    if name == "wide":
        return full_width()
    return installed(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps or xpu")
    parser.add_argument("--network", default="wide", help="wide (the draft at VGG19's width), draft, or one installed")
    parser.add_argument("--pair", nargs=2, type=Path, action="append", help="a content and a style; may be repeated")
    parser.add_argument("--side", type=int, default=256, help="longest side of the race's pictures, in pixels")
    parser.add_argument(
        "--evaluations", type=int, default=1000, help="how many each rival takes; with --losses, to tell its pace"
    )
    parser.add_argument("--losses", type=Path, help="losses.json of a race of the same side on another device")
    parser.add_argument("--steps", type=int, default=600, help="how many Gramarye takes at most")
    parser.add_argument("--precision", default="auto", help="Gramarye's, in the race")
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=SECTIONS, help="what to measure")
    parser.add_argument("--neural-style-pt", type=Path, help="a checkout of that program, to be timed too")
    parser.add_argument("--style-transfer-pytorch", type=Path, help="the same of style-transfer-pytorch")
    parser.add_argument("--output", type=Path, default=Path("build/benchmark"), help="folder for table and plot")
    return parser.parse_args()


if __name__ == "__main__":
    main()
