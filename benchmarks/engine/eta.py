"""How far off the remaining time of a painting is that the daemon tells, once a tenth of it has passed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from gramarye.daemon.worker.eta import RemainingTime
from gramarye.daemon.worker.pipeline import Studio, Work, painted, stretches
from gramarye.engine.images.inputs import Style
from gramarye.engine.recipe import presets
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture
from gramarye_protocol.pixels import PixelBuffer

from .cases import PAIRS, installed

FIRST, LAST = 0.1, 0.9
"""Shares of a painting's time between which what it tells is looked at: any error is large beside the last of it."""


@dataclass(frozen=True)
class Told:
    """By what share of what was then left the time told was off, once a tenth had passed, and from then on (median)."""

    early: float
    median: float


def told(device: torch.device, side: int, pairs: Sequence[tuple[Path, Path]] = PAIRS) -> list[Told]:
    """Of the default recipe with the draft, as the daemon paints it, sketch and all."""
    return [_one(device, read_picture(content, max_side=side), style) for content, style in pairs]


def _one(device: torch.device, layer: PixelBuffer, style: Path) -> Told:
    recipe = presets()["painting"].recipe
    studio = Studio(str(device), installed)
    work = Work(layer, [Style(to_picture(read_picture(style)))], recipe, installed("draft"), studio)
    iterates = painted(work)
    remaining = RemainingTime(stretches(work))
    said = [(iterate.seconds, remaining.after(iterate.step, iterate.seconds)) for iterate in iterates]
    total = said[-1][0]
    errors = [
        abs(left - (total - now)) / (total - now)
        for now, left in said
        if FIRST * total <= now <= LAST * total and left >= 0.0  # below it nothing is told
    ]
    return Told(errors[0], statistics.median(errors))
