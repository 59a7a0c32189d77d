"""The objective's value and gradient at a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from .captured import Captured, Recorder, recorder_for
from .device import release_memory
from .memory import out_of_memory
from .network import Network
from .objective import Objective
from .plan import LEAST_SIDE
from .precision import FLOAT32, Precision
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


class WholeImage:
    """Evaluates the picture in one piece, by automatic differentiation.

    With a ``recorder`` what that takes on the device is recorded, and replayed from then on.
    """

    def __init__(self, network: Network, objective: Objective, recorder: Recorder | None = None) -> None:
        self.network = network
        self.objective = objective
        work = partial(_derived, network, objective)
        self._derive = work if recorder is None else Captured(work, recorder)

    @property
    def is_replayed(self) -> bool:
        """Whether evaluations are replayed by now."""
        return isinstance(self._derive, Captured) and self._derive.is_replayed

    def evaluate(self, x: Tensor) -> Evaluation:
        """The objective at centred pixels x (1, 3, H, W) on the network's device, for which the host waits once."""
        gradient, *numbers = self._derive(x.detach())
        values, *runs = fetched(*numbers)
        names = [weighted.name for weighted in self.objective.terms]
        return _judged(self.objective, gradient, dict(zip(names, values.tolist(), strict=True)), runs)


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
        self._whole: WholeImage | None = None
        """Evaluates the picture in one piece, once that has been asked for and while it fits."""

    @property
    def is_replayed(self) -> bool:
        """Whether evaluations are replayed by now (see `captured`)."""
        return self._whole is not None and self._whole.is_replayed

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
            self._segments, self._whole = smaller, None
            release_memory(x.device)

    def _evaluate(self, x: Tensor) -> Evaluation:
        posed = self._objective
        if self._segments == whole(posed.taps):
            if self._whole is None:
                self._whole = WholeImage(self._network, posed, recorder_for(x.device))
            return self._whole.evaluate(x)
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
        runs = posed.descend(x, gradient)
        return _judged(posed, gradient, parts, fetched(*runs) if runs else ())


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


def _judged(objective: Objective, gradient: Tensor, parts: dict[str, float], runs: Sequence[Tensor]) -> Evaluation:
    """With the values of the pixel terms, for each one's runs."""
    for weighted, added in zip(objective.pixel_terms, runs, strict=True):
        parts[weighted.name] = float(added.sum())
    return Evaluation(sum(parts.values()), gradient, parts)
