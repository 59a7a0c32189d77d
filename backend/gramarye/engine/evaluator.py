"""The objective's value and gradient at a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .device import release_memory
from .memory import out_of_memory
from .network import Network
from .objective import Objective
from .plan import LEAST_SIDE
from .precision import FLOAT32, Precision
from .segments import Segment, finer, whole
from .tiles import Passage


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


@dataclass(frozen=True, eq=False)
class WholeImage:
    """Evaluates the picture in one piece, by automatic differentiation."""

    network: Network
    objective: Objective

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W) on the network's device."""
        x = x.detach().requires_grad_()
        values = self.objective.parts(x, self.network.features(x, self.objective.taps))
        if not values:
            return _smoothed(self.objective, x.detach(), torch.zeros_like(x), {})
        stacked = torch.stack(list(values.values()))
        (gradient,) = torch.autograd.grad(stacked.sum(), x)
        return _smoothed(
            self.objective, x.detach(), gradient.contiguous(), dict(zip(values, stacked.tolist(), strict=True))
        )


class Tiled:
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

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W) on the network's device."""
        while True:
            try:
                with self._precision.applied(x.device):
                    return self._evaluate(x.detach())
            except RuntimeError as error:
                smaller = finer(self._segments, LEAST_SIDE) if out_of_memory(error) else None
                if smaller is None:
                    raise
            self._segments = smaller
            release_memory(x.device)

    def _evaluate(self, x: Tensor) -> Evaluation:
        posed = self._objective
        if self._segments == whole(posed.taps):
            return WholeImage(self._network, posed).evaluate(x)
        passage = Passage(self._network, self._segments, posed.taps, x)
        sums: dict[tuple[str, str], Tensor] = {}
        for tap, region, features in passage.features(returns=True):
            for key, measured in posed.measure(tap, features, region).items():
                added = measured.to("cpu", torch.float64)
                sums[key] = sums[key] + added if key in sums else added
        for measured in sums.values():
            measured.requires_grad_()
        values = posed.values(sums, posed.positions(x.shape[2], x.shape[3]))
        parts = {name: float(value.detach()) for name, value in values.items()}
        gradient = torch.zeros_like(x)
        if sums:
            slopes = torch.autograd.grad(sum(values.values(), torch.zeros(())), list(sums.values()))
            gradient = passage.gradient(posed.measure, dict(zip(sums, slopes, strict=True)))
        return _smoothed(posed, x, gradient, parts)


def _smoothed(objective: Objective, x: Tensor, gradient: Tensor, parts: dict[str, float]) -> Evaluation:
    """With the pixels' own term, which is added in place."""
    smoothness = objective.smoothness
    if smoothness is not None:
        parts[smoothness.name] = smoothness.descend(x, gradient)
    return Evaluation(sum(parts.values()), gradient, parts)
