"""Arithmetic rates: one evaluation against the largest matrix product, per number format."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from gramarye.engine.easel import Style, set_up
from gramarye.engine.evaluator import Tiled
from gramarye.engine.network import Network
from gramarye.engine.objective import Objective, pose
from gramarye.engine.precision import Precision
from gramarye.engine.recipe import presets
from gramarye.engine.segments import Segment, cut, whole

from .setting import PAIRS, settings

RUNS = 5
PRODUCT_SIDE = {"cpu": 3072, "cuda": 8192}


@dataclass(frozen=True)
class Rate:
    """What an evaluation takes, and both rates in operations (a multiply-add is two) per second."""

    precision: str
    seconds: float
    evaluation: float
    product: float


def rates(network: Network, device: torch.device, side: int = 512) -> list[Rate]:
    """Of an evaluation of ``side`` x ``side`` pixels: forward and backward, Gram matrices, everything."""
    found = []
    for name, features in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        precision = Precision(features=features)
        objective, x, moved = _posed(network, device, precision, (side, side))
        tiled = Tiled(moved, objective, whole(objective.taps), precision)
        with precision.applied(device):
            product = _product_rate(device, features)
        seconds = best_of(lambda tiled=tiled, x=x: tiled.evaluate(x))  # type: ignore[misc]  # bound now, not later
        work = 4.0 * network.work(objective.taps) * side * side
        found.append(Rate(name, seconds, work / seconds, product))
    return found


def tile_overheads(network: Network, device: torch.device, size: tuple[int, int] = (2000, 2000)) -> dict[str, float]:
    """Seconds of an evaluation cut in each way over those of the whole picture's."""
    precision = Precision(features=torch.bfloat16)
    objective, x, moved = _posed(network, device, precision, size)
    ways: dict[str, tuple[Segment, ...]] = {
        f"cut behind {pool}": cut(objective.taps, [pool], 512, keeps_last=True) for pool in ("pool1", "pool2", "pool3")
    }
    ways["all in tiles of 512"] = cut(objective.taps, ["pool3"], 512, keeps_last=False)
    plain = Tiled(moved, objective, whole(objective.taps), precision)
    untiled = best_of(lambda: plain.evaluate(x))
    overheads = {}
    for name, segments in ways.items():
        tiled = Tiled(moved, objective, segments, precision)
        overheads[name] = best_of(lambda tiled=tiled: tiled.evaluate(x)) / untiled  # type: ignore[misc]
    return overheads


def best_of(work: Callable[[], object]) -> float:
    """The least seconds of some runs, after one to warm up; evaluations end with the device at rest."""
    work()
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def _posed(
    network: Network, device: torch.device, precision: Precision, size: tuple[int, int]
) -> tuple[Objective, torch.Tensor, Network]:
    moved = network.to(device, precision.features)
    recipe = replace(presets()["painting"].recipe, margin=0)
    (setting,) = settings(PAIRS[:1], 512, network, device)
    easel = set_up(setting.content, [Style(setting.style)], recipe, moved, None)
    content = torch.nn.functional.interpolate(easel.content, size=size, mode="bilinear").to(device)
    objective = pose(recipe, moved, content, easel.style_pictures(1.0, device, torch.float32))
    return objective, content, moved


def _product_rate(device: torch.device, dtype: torch.dtype) -> float:
    side = PRODUCT_SIDE.get(device.type, 4096)
    a, b = (torch.randn((side, side), device=device).to(dtype) for _ in range(2))
    return 2.0 * side**3 / best_of(lambda: float((a @ b)[0, 0]))
