"""Benchmark cases: the pictures, weights, device and common objective that every program gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from gramarye.engine.images.inputs import StyleInput, prepare_inputs
from gramarye.engine.images.pictures import Picture
from gramarye.engine.loss.objective import build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.numeric.precision import FLOAT32
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.recipe import Recipe, presets
from gramarye.engine.tiling.segments import uncut
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture
from gramarye.weights.store import find_network, load

from .pairs import Pair


@dataclass(frozen=True, eq=False)
class BenchmarkCase:
    """One case: pictures (H, W, 3) RGB 0..1, the network in float32, and the device."""

    name: str
    content: Picture
    style: Picture
    network: Network
    device: torch.device

    @property
    def recipe(self) -> Recipe:
        """The common objective: the seed's, the style at the content's size."""
        return replace(presets()["seed"].recipe, style_fit="content")

    def network_inputs(self) -> tuple[Tensor, Tensor]:
        """Content and style as network inputs (1, 3, H, W): levels of 255 minus the recipe's centre."""
        inputs = prepare_inputs(self.content, [StyleInput(self.style)], self.recipe, self.network, None)
        (style,) = inputs.style_pictures(*inputs.size, self.device, torch.float32)
        return inputs.content.to(self.device), style.x

    def reference_evaluator(self) -> TiledEvaluator:
        """The objective in float32, by which every program is judged."""
        content, style = self.network_inputs()
        with FLOAT32.applied(self.device):
            objective = build_objective(self.recipe, self.network, content, [StylePicture(style, 1.0)])
        return TiledEvaluator(self.network, objective, uncut(objective.taps), FLOAT32)


def make_cases(pairs: Sequence[Pair], side: int, network: Network, device: torch.device) -> list[BenchmarkCase]:
    """One case for every content and style, resized to ``side`` pixels on the longest side."""
    moved = network.to(device, torch.float32)
    return [
        BenchmarkCase(f"{content.stem} x {style.stem}", _picture(content, side), _picture(style, side), moved, device)
        for content, style in pairs
    ]


def load_installed_network(name: str | None = None) -> Network:
    """One of the user's networks; None means the default one, VGG19 where it is installed.

    Errors: those of `find_network` and `load`.
    """
    info = find_network(name)
    return Network.from_arrays(info.name, load(info), info.mean)


def _picture(path: Path, side: int) -> Picture:
    return to_picture(read_picture(path, max_side=side))
