"""A stand-in for CUDA graphs that runs on any device, and objectives to record with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.support import pixels, recipe, tensor
from gramarye.engine.cuda.graphs import WARM_UP_RUNS, Replay, TensorFunction
from gramarye.engine.loss.histogram import Bins
from gramarye.engine.loss.laplacian import LaplacianTerm
from gramarye.engine.loss.objective import Objective, WeightedPixelTerm, WeightedTerm, build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.loss.terms import ContentTerm, StyleTerm, Target
from gramarye.engine.optimise import evaluator as evaluator_module
from gramarye.engine.optimise import lbfgs as lbfgs_module
from gramarye.engine.vgg.network import Network
from reference import vgg

SIZE = (67, 50)
REFERENCE = vgg.random_network()
FORMATS = [(torch.float64, torch.float64), (torch.float32, torch.float32), (torch.float32, torch.bfloat16)]
"""The dtypes of pixels and of features."""

FIRST = WARM_UP_RUNS + 1
"""The number of calls before the first replayed one."""


class Rerun:
    """A recorder whose replays run the function again, into the output tensors of the recording."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def run(self, function: TensorFunction, x: Tensor) -> tuple[Tensor, ...]:
        self.calls.append("run")
        return function(x)

    def record(self, function: TensorFunction, example: Tensor) -> Replay:
        self.calls.append("record")
        outputs = function(example)

        def replay() -> tuple[Tensor, ...]:
            self.calls.append("replay")
            for output, again in zip(outputs, function(example), strict=True):
                output.copy_(again)
            return outputs

        return replay


def squares(x: Tensor) -> tuple[Tensor, ...]:
    """A function with two outputs."""
    return (3.0 * x.square()).sum().reshape(1), 6.0 * x


def inputs(count: int = FIRST + 3) -> list[Tensor]:
    generator = torch.Generator().manual_seed(5)
    return [torch.randn((1, 3, 5, 4), generator=generator) for _ in range(count)]


def objective_for(network: Network, pixel: torch.dtype, **values: Any) -> Objective:
    styles = [StylePicture(tensor(pixels((44, 61), 3), pixel), 1.0), StylePicture(tensor(pixels(SIZE, 4), pixel), 2.0)]
    return build_objective(recipe(**values), network, tensor(pixels(SIZE, 1), pixel), styles)


def moved(objective: Objective, device: torch.device) -> Objective:
    """Return the objective with all targets on another device."""

    def there(target: Target) -> Target:
        return replace(target, value=target.value.to(device))

    terms: list[WeightedTerm] = []
    for weighted in objective.terms:
        term = weighted.term
        if isinstance(term, ContentTerm):
            term = ContentTerm({tap: there(target) for tap, target in term.targets.items()})
        elif isinstance(term, StyleTerm):
            statistics = {
                tap: Bins(one.directions.to(device), one.lowest.to(device)) if isinstance(one, Bins) else one
                for tap, one in term.statistics.items()
            }
            term = StyleTerm(
                statistics, {tap: [there(target) for target in targets] for tap, targets in term.targets.items()}
            )
        terms.append(replace(weighted, term=term))
    pixel_terms: list[WeightedPixelTerm] = []
    for own in objective.pixel_terms:
        pixel_term = own.term
        if isinstance(pixel_term, LaplacianTerm):
            pixel_term = LaplacianTerm([replace(edges, value=edges.value.to(device)) for edges in pixel_term.targets])
        pixel_terms.append(replace(own, term=pixel_term))
    return replace(objective, terms=terms, pixel_terms=pixel_terms)


def record_everywhere(monkeypatch: pytest.MonkeyPatch) -> list[Rerun]:
    """Record evaluations and L-BFGS steps on any device by stand-ins; return these in order of creation."""
    recorders: list[Rerun] = []

    def stand_in(_device: torch.device, _kind: str) -> Rerun:
        recorders.append(Rerun())
        return recorders[-1]

    for module in (evaluator_module, lbfgs_module):
        monkeypatch.setattr(module, "recorder_for", stand_in)
    return recorders
