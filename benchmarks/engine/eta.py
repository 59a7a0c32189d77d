"""Error of the remaining time that the daemon reports, after a tenth of a painting."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from gramarye.daemon.worker.eta import RemainingTime
from gramarye.daemon.worker.pipeline import LoadedJob, WorkerResources, paint_job, phases
from gramarye.engine.images.inputs import StyleInput
from gramarye.engine.recipe import presets
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture
from gramarye_protocol.pixels import PixelBuffer

from .cases import load_installed_network
from .pairs import PAIRS, Pair

FIRST, LAST = 0.1, 0.9
"""Shares of a painting's time between which the estimates are judged: near the end, every relative error is large."""


@dataclass(frozen=True)
class EtaError:
    """Relative error of the estimate after a tenth of the painting, and from then on (median)."""

    early: float
    median: float


def eta_errors(device: torch.device, network: Network, side: int, pairs: Sequence[Pair] = PAIRS) -> list[EtaError]:
    """The errors for the default recipe, as the daemon paints it: the draft's sketch, then ``network``."""
    return [_measure_one(device, network, read_picture(content, max_side=side), style) for content, style in pairs]


def _measure_one(device: torch.device, network: Network, layer: PixelBuffer, style: Path) -> EtaError:
    recipe = presets()["painting"].recipe
    resources = WorkerResources(str(device), load_installed_network)
    loaded = LoadedJob(layer, [StyleInput(to_picture(read_picture(style)))], recipe, network, resources)
    iterates = paint_job(loaded)
    remaining = RemainingTime(phases(loaded))
    estimates = [(iterate.seconds, remaining.update(iterate.step, iterate.seconds)) for iterate in iterates]
    total = estimates[-1][0]
    errors = [
        abs(left - (total - now)) / (total - now)
        for now, left in estimates
        if FIRST * total <= now <= LAST * total and left >= 0.0  # negative: not known yet
    ]
    return EtaError(errors[0], statistics.median(errors))
