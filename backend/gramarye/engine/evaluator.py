"""The objective's value and gradient at a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from .captured import Captured, Recorder, Work, recorder_for
from .device import release_memory
from .memory import out_of_memory
from .network import Network
from .objective import Objective
from .plan import LEAST_SIDE
from .precision import FLOAT32, Precision, exactly
from .segments import Segment, finer, whole
from .slabs import fetched
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


class Derived:
    """Evaluates an objective by ``work``, whose outputs are the gradient at x, the terms' values (terms,), and each
    pixel term's runs.

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
        gradient, *numbers = self._derive(x.detach())
        values, *runs = fetched(*numbers)
        parts = dict(zip((weighted.name for weighted in self.objective.terms), values.tolist(), strict=True))
        for weighted, added in zip(self.objective.pixel_terms, runs, strict=True):
            parts[weighted.name] = float(added.sum())
        return Evaluation(sum(parts.values()), gradient, parts)


class WholeImage(Derived):
    """Evaluates the picture in one piece, by automatic differentiation."""

    def __init__(self, network: Network, objective: Objective, recorder: Recorder | None = None) -> None:
        super().__init__(objective, partial(_derived, network, objective), recorder)
        self.network = network


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
        if self._segments == whole(posed.taps):
            return WholeImage(self._network, posed, recorder)
        return Derived(posed, partial(_derived_by_tiles, self._network, posed, self._segments), recorder)


class Held:
    """An evaluator's value, and its gradient but for held pixels, (1, 1, H, W) of bool: these stay what they are."""

    def __init__(self, evaluator: Evaluator, held: Tensor) -> None:
        self._evaluator = evaluator
        self._held = held

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W)."""
        found = self._evaluator.evaluate(x)
        return replace(found, gradient=found.gradient.masked_fill_(self._held, 0.0))


def _derived(network: Network, objective: Objective, x: Tensor) -> tuple[Tensor, ...]:
    """The gradient at x, the terms' values (terms,), and each pixel term's runs: all on x's device, nothing is read."""
    x = x.detach().requires_grad_()
    values = objective.parts(x, network.features(x, objective.taps))
    if values:
        stacked = torch.stack(list(values.values()))
        (gradient,) = torch.autograd.grad(stacked.sum(), x)
    else:
        stacked, gradient = x.new_zeros(0), torch.zeros_like(x)
    x, gradient = x.detach(), gradient.contiguous()
    return gradient, stacked.detach(), *objective.descend(x, gradient)


def _derived_by_tiles(
    network: Network, objective: Objective, segments: Sequence[Segment], x: Tensor
) -> tuple[Tensor, ...]:
    """The same, tile by tile: their sums over positions are added up in float64."""
    passage = Passage(network, segments, objective.taps, x)
    sums: dict[tuple[str, str], Tensor] = {}
    for tap, region, features in passage.features(returns=True):
        for key, measured in objective.measure(tap, features, region).items():
            added = exactly(measured)
            sums[key] = sums[key] + added if key in sums else added
    if not sums:
        stacked, gradient = x.new_zeros(0), torch.zeros_like(x)
        return gradient, stacked, *objective.descend(x, gradient)
    for measured in sums.values():
        measured.requires_grad_()
    stacked = torch.stack(list(objective.values(sums, objective.positions(x.shape[2], x.shape[3])).values()))
    slopes = torch.autograd.grad(stacked.sum(), list(sums.values()))
    gradient = passage.gradient(objective.measure, dict(zip(sums, slopes, strict=True)))
    return gradient, stacked.detach().to(x.device), *objective.descend(x, gradient)
