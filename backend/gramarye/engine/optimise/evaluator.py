"""The objective's value and gradient at a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from ..cuda.graphs import Captured, Recorder, Work, recorder_for
from ..loss.objective import Key, Objective
from ..numeric.device import release_memory
from ..numeric.precision import FLOAT32, Precision, exactly
from ..tiling.memory import out_of_memory
from ..tiling.plan import LEAST_SIDE
from ..tiling.segments import Segment, finer
from ..tiling.tiles import Passage
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


class Derived:
    """Evaluates an objective by ``work``, whose outputs are the gradient at x and all terms' values, (terms,).

    With a ``recorder`` what that takes on the device is recorded, and replayed from then on.
    """

    def __init__(self, objective: Objective, work: Work, recorder: Recorder | None = None) -> None:
        self.objective = objective
        self._derive = work if recorder is None else Captured(work, recorder)

    @property
    def is_replayed(self) -> bool:
        """Whether evaluations are replayed by now."""
        return isinstance(self._derive, Captured) and self._derive.is_replayed

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W) on the network's device, for which the host waits once."""
        gradient, values = self._derive(x.detach())
        parts = dict(zip(self.objective.names, values.tolist(), strict=True))
        return Evaluation(sum(parts.values()), gradient, parts)


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
        self._derived: Derived | None = None
        """Evaluates the picture cut as it is now, once that has been asked for."""

    @property
    def is_replayed(self) -> bool:
        """Whether evaluations are replayed by now (see `captured`)."""
        return self._derived is not None and self._derived.is_replayed

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W) on the network's device."""
        while True:
            try:
                with self._precision.applied(x.device):
                    if self._derived is None:
                        self._derived = self._cut_now(x.device)
                    return self._derived.evaluate(x)
            except RuntimeError as error:
                smaller = finer(self._segments, LEAST_SIDE) if out_of_memory(error) else None
                if smaller is None:
                    raise
            self._segments, self._derived = smaller, None
            release_memory(x.device)

    def _cut_now(self, device: torch.device) -> Derived:
        posed, recorder = self._objective, recorder_for(device, "evaluation")
        return Derived(posed, partial(_derived, self._network, posed, self._segments), recorder)


class Held:
    """An evaluator's value, and its gradient but for held pixels, (1, 1, H, W) of bool: these stay what they are."""

    def __init__(self, evaluator: Evaluator, held: Tensor) -> None:
        self._evaluator = evaluator
        self._held = held

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W)."""
        found = self._evaluator.evaluate(x)
        return replace(found, gradient=found.gradient.masked_fill_(self._held, 0.0))


def _derived(network: Network, objective: Objective, segments: Sequence[Segment], x: Tensor) -> tuple[Tensor, ...]:
    """The gradient at x, and all terms' values, (terms,): both on x's device, nothing is read.

    Sums over positions are found first. What depends on them leads to a slope for each, and these back to the picture.
    """
    x = x.detach()
    passage = Passage(network, segments, objective.taps, x)
    sums = _summed(objective, passage)
    if not sums:
        gradient = torch.zeros_like(x)
        return gradient, torch.cat([x.new_zeros(0), *objective.descend(x, gradient)])
    for measured in sums.values():
        measured.requires_grad_()
    values = torch.stack(list(objective.values(sums, objective.positions(x.shape[2], x.shape[3])).values()))
    slopes = dict(zip(sums, torch.autograd.grad(values.sum(), list(sums.values())), strict=True))
    gradient = passage.gradient(partial(objective.slope, slopes))
    return gradient, torch.cat([values.detach().to(x.device), *objective.descend(x, gradient)])


def _summed(objective: Objective, passage: Passage) -> dict[Key, Tensor]:
    """Every term's sums for the whole picture: those of several tiles are added up in float64."""
    sums: dict[Key, Tensor] = {}
    for tap, region, features in passage.features(returns=True):
        for key, measured in objective.measure(tap, features, region).items():
            sums[key] = exactly(sums[key]) + exactly(measured) if key in sums else measured
    return sums
