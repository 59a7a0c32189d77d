"""The cost of tiles, and whether they leave a seam: every tiling compared with the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gramarye.engine.numeric.precision import Precision
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.tiling.plan import feature_bytes, plan_segments, planned_multiply_adds
from gramarye.engine.tiling.segments import Segment, cut_segments, uncut
from gramarye.engine.vgg.network import Network

from .rates import best_of, build_objective_at

SIDE = 1024
BAND = 4
"""Pixels on each side of a tile's border that count as the border."""


@dataclass(frozen=True)
class TilingCost:
    """Seconds (in bfloat16) and multiply-adds relative to the whole picture's. ``error`` is the relative difference
    (norms) of the float32 gradient from that of the whole picture. ``seam`` is the gradient's mean error, against a
    float64 gradient, along the tiles' borders over that elsewhere; the same ratio of the whole picture's gradient is
    given beside it.

    ``is_planned``: the planner chooses this tiling when the whole picture does not fit.
    """

    name: str
    is_planned: bool
    overhead: float
    work: float
    error: float
    seam: float
    seam_in_one_piece: float


SIZE, EXACT_SIZE = (2000, 2000), (1024, 2000)
"""Rows and columns of the picture that is timed, 4 megapixels, and of the one whose gradients are compared: in float64
VGG19 needs more than 24 GB for the first."""


def measure_tilings(network: Network, device: torch.device, size: tuple[int, int] = SIZE) -> list[TilingCost]:
    """The cost of each tiling of a picture of ``size``."""
    fast, exact = (Precision(features=features) for features in (torch.bfloat16, torch.float32))
    taps = build_objective_at(network, device, exact, size)[0].taps
    seconds = [_seconds(network, device, fast, size, tiling) for tiling in _tilings(taps).values()]
    gradients = [_gradient(network, device, exact, EXACT_SIZE, tiling) for tiling in _tilings(taps).values()]
    in_float64 = Precision(torch.float64, torch.float64)
    true = _gradient(network, device, in_float64, EXACT_SIZE, list(_tilings(taps).values())[-1])
    budget = feature_bytes(network, uncut(taps), taps, *size, fast.features.itemsize) - 1
    fitting = plan_segments(network, taps, *size, fast.features.itemsize, budget)
    alone = planned_multiply_adds(network, uncut(taps), *size)
    return [
        TilingCost(
            name,
            tiling == fitting,
            took / seconds[0],
            planned_multiply_adds(network, tiling, *size) / alone,
            _norm(gradient - gradients[0]) / _norm(gradient),
            _seam(gradient - true, tiling),
            _seam(gradients[0] - true, tiling),
        )
        for (name, tiling), took, gradient in list(zip(_tilings(taps).items(), seconds, gradients, strict=True))[1:]
    ]


def _tilings(taps: Sequence[str]) -> dict[str, tuple[Segment, ...]]:
    ways = {"in one piece": uncut(taps)}
    ways |= {
        f"cut behind {pool}": cut_segments(taps, [pool], SIDE, keeps_last=True) for pool in ("pool1", "pool2", "pool3")
    }
    return ways | {f"all in tiles of {SIDE}": cut_segments(taps, ["pool3"], SIDE, keeps_last=False)}


def _seconds(
    network: Network, device: torch.device, precision: Precision, size: tuple[int, int], tiling: tuple[Segment, ...]
) -> float:
    objective, x, moved = build_objective_at(network, device, precision, size)
    tiled = TiledEvaluator(moved, objective, tiling, precision)
    return best_of(lambda: tiled.evaluate(x))


def _gradient(
    network: Network, device: torch.device, precision: Precision, size: tuple[int, int], tiling: tuple[Segment, ...]
) -> Tensor:
    objective, x, moved = build_objective_at(network, device, precision, size)
    return TiledEvaluator(moved, objective, tiling, precision).evaluate(x).gradient


def _seam(error: Tensor, tiling: tuple[Segment, ...]) -> float:
    """The mean error along the borders of a tiling's tiles, over that elsewhere."""
    magnitude = error.abs().amax(dim=1)[0]
    is_border = torch.zeros_like(magnitude, dtype=torch.bool)
    for segment in tiling:
        rows, columns = (-(-length // segment.stride) for length in magnitude.shape)
        for tile in segment.tiles(rows, columns):
            for axis, start in ((0, tile.rows.start), (1, tile.columns.start)):
                if start:
                    line = start * segment.stride
                    is_border.narrow(axis, line - BAND, 2 * BAND).fill_(True)
    return float(magnitude[is_border].mean() / magnitude[~is_border].mean())


def _norm(x: Tensor) -> float:
    return float(torch.linalg.vector_norm(x))
