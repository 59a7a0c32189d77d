"""What tiles cost, and whether they leave a seam: every way of cutting against the picture in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gramarye.engine.evaluator import Tiled
from gramarye.engine.network import Network
from gramarye.engine.plan import feature_bytes, planned, planned_work
from gramarye.engine.precision import Precision
from gramarye.engine.segments import Segment, cut, whole

from .rates import best_of, posed

SIDE = 1024
BAND = 4
"""Pixels on each side of a tile's border that are looked at."""


@dataclass(frozen=True)
class Cut:
    """Seconds over the whole picture's, in bfloat16, and multiply-adds over its; the float32 gradient's mean error
    along the tiles' borders over that elsewhere, and its norm over the gradient's.

    ``is_planned`` where it is what the planner takes once the picture in one piece does not fit.
    """

    name: str
    is_planned: bool
    overhead: float
    work: float
    seam: float
    error: float


def cuts(network: Network, device: torch.device, size: tuple[int, int] = (2000, 2000)) -> list[Cut]:
    """Each way of cutting a picture of ``size``, 4 megapixels."""
    fast, exact = (Precision(features=features) for features in (torch.bfloat16, torch.float32))
    taps = posed(network, device, exact, size)[0].taps
    seconds = [_seconds(network, device, fast, size, way) for way in _ways(taps).values()]
    objective, x, moved = posed(network, device, exact, size)
    with exact.applied(device):
        gradients = [Tiled(moved, objective, way, exact).evaluate(x).gradient for way in _ways(taps).values()]
    room = feature_bytes(network, whole(taps), taps, *size, fast.features.itemsize) - 1
    fitting = planned(network, taps, *size, fast.features.itemsize, room)
    alone = planned_work(network, whole(taps), *size)
    return [
        Cut(
            name,
            way == fitting,
            took / seconds[0],
            planned_work(network, way, *size) / alone,
            _seam(gradient - gradients[0]),
            _norm(gradient - gradients[0]) / _norm(gradient),
        )
        for (name, way), took, gradient in list(zip(_ways(taps).items(), seconds, gradients, strict=True))[1:]
    ]


def _ways(taps: Sequence[str]) -> dict[str, tuple[Segment, ...]]:
    ways = {"in one piece": whole(taps)}
    ways |= {f"cut behind {pool}": cut(taps, [pool], SIDE, keeps_last=True) for pool in ("pool1", "pool2", "pool3")}
    return ways | {f"all in tiles of {SIDE}": cut(taps, ["pool3"], SIDE, keeps_last=False)}


def _seconds(
    network: Network, device: torch.device, precision: Precision, size: tuple[int, int], way: tuple[Segment, ...]
) -> float:
    objective, x, moved = posed(network, device, precision, size)
    tiled = Tiled(moved, objective, way, precision)
    return best_of(lambda: tiled.evaluate(x))


def _seam(error: Tensor) -> float:
    magnitude = error.abs().amax(dim=1)[0]
    height, width = magnitude.shape
    is_border = torch.zeros((height, width), dtype=torch.bool, device=error.device)
    for line in range(SIDE, max(height, width), SIDE):
        is_border[line - BAND : line + BAND] = True
        is_border[:, line - BAND : line + BAND] = True
    return float(magnitude[is_border].mean() / magnitude[~is_border].mean())


def _norm(x: Tensor) -> float:
    return float(torch.linalg.vector_norm(x))
