"""The objective's value and gradient at a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from ..cuda.graphs import GraphedFunction, GraphRecorder, TensorFunction, recorder_for
from ..loss.objective import Key, Objective
from ..numeric.device import release_memory
from ..numeric.precision import FLOAT32, Precision, to_float64
from ..tiling.memory import is_out_of_memory
from ..tiling.plan import MIN_TILE_SIDE
from ..tiling.segments import Segment, halve_tiles
from ..tiling.tiles import TiledPass
from ..vgg.network import Network


@dataclass(frozen=True, eq=False)
class Evaluation:
    """``loss`` is the sum of ``parts``, ``gradient`` (1, 3, H, W) its derivative by the pixels."""

    loss: float
    gradient: Tensor
    parts: Mapping[str, float]


class Evaluator(Protocol):
    """Anything that can tell an optimiser how good a picture is and where it gets better."""

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W). x is left as it is."""


class WholeEvaluator:
    """Evaluates an objective by ``function``, whose outputs are the gradient at x and all terms' values, (terms,).

    With a ``recorder`` what that takes on the device is recorded, and replayed from then on.
    """

    def __init__(self, objective: Objective, function: TensorFunction, recorder: GraphRecorder | None = None) -> None:
        self.objective = objective
        self._compute = function if recorder is None else GraphedFunction(function, recorder)

    @property
    def is_replayed(self) -> bool:
        """Whether evaluations are replayed by now."""
        return isinstance(self._compute, GraphedFunction) and self._compute.is_replayed

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W) on the network's device, for which the host waits once."""
        gradient, values = self._compute(x.detach())
        parts = dict(zip(self.objective.names, values.tolist(), strict=True))
        return Evaluation(sum(parts.values()), gradient, parts)


class TiledEvaluator:
    """Evaluates the picture tile by tile, to the same value and gradient, in memory that hardly grows with it.

    Where the device's memory runs out, tiles of half the length are tried, and kept.
    """

    def __init__(
        self, network: Network, objective: Objective, segments: Sequence[Segment], precision: Precision = FLOAT32
    ) -> None:
        self._network = network
        self._precision = precision
        self._objective = objective
        self._segments = tuple(segments)
        self._gradient_and_values: WholeEvaluator | None = None
        """Evaluates the picture cut as it is now, once that has been asked for."""

    @property
    def is_replayed(self) -> bool:
        """Whether evaluations are replayed by now (see `captured`)."""
        return self._gradient_and_values is not None and self._gradient_and_values.is_replayed

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W) on the network's device."""
        while True:
            try:
                with self._precision.applied(x.device):
                    if self._gradient_and_values is None:
                        self._gradient_and_values = self._build_evaluator(x.device)
                    return self._gradient_and_values.evaluate(x)
            except RuntimeError as error:
                smaller = halve_tiles(self._segments, MIN_TILE_SIDE) if is_out_of_memory(error) else None
                if smaller is None:
                    raise
            self._segments, self._gradient_and_values = smaller, None
            release_memory(x.device)

    def _build_evaluator(self, device: torch.device) -> WholeEvaluator:
        objective, recorder = self._objective, recorder_for(device, "evaluation")
        return WholeEvaluator(
            objective, partial(_gradient_and_values, self._network, objective, self._segments), recorder
        )


class MaskedEvaluator:
    """An evaluator's value, and its gradient but for held pixels, (1, 1, H, W) of bool: these stay what they are."""

    def __init__(self, evaluator: Evaluator, frozen: Tensor) -> None:
        self._evaluator = evaluator
        self._frozen = frozen

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W)."""
        found = self._evaluator.evaluate(x)
        return replace(found, gradient=found.gradient.masked_fill_(self._frozen, 0.0))


def _gradient_and_values(
    network: Network, objective: Objective, segments: Sequence[Segment], x: Tensor
) -> tuple[Tensor, ...]:
    """The gradient at x, and all terms' values, (terms,): both on x's device, nothing is read.

    Sums over positions are found first. What depends on them leads to a slope for each, and these back to the picture.
    """
    x = x.detach()
    tiled_pass = TiledPass(network, segments, objective.taps, x)
    sums = _accumulate_sums(objective, tiled_pass)
    if not sums:
        gradient = torch.zeros_like(x)
        return gradient, torch.cat([x.new_zeros(0), *objective.add_gradient(x, gradient)])
    for measured in sums.values():
        measured.requires_grad_()
    values = torch.stack(list(objective.values(sums, objective.positions(x.shape[2], x.shape[3])).values()))
    sums_gradients = dict(zip(sums, torch.autograd.grad(values.sum(), list(sums.values())), strict=True))
    gradient = tiled_pass.gradient(partial(objective.backward, sums_gradients))
    return gradient, torch.cat([values.detach().to(x.device), *objective.add_gradient(x, gradient)])


def _accumulate_sums(objective: Objective, tiled_pass: TiledPass) -> dict[Key, Tensor]:
    """Every term's sums for the whole picture: those of several tiles are added up in float64."""
    sums: dict[Key, Tensor] = {}
    for tap, region, features in tiled_pass.features(keep_for_backward=True):
        for key, measured in objective.measure(tap, features, region).items():
            sums[key] = to_float64(sums[key]) + to_float64(measured) if key in sums else measured
    return sums
