"""The objective's value and gradient at a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .network import Network
from .objective import Objective


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
        """The objective at centred pixels x (1, 3, H, W), of the network's device and dtype."""
        x = x.detach().requires_grad_()
        parts = self.objective.parts(x, self.network.features(x, self.objective.taps))
        if not parts:
            return Evaluation(0.0, torch.zeros_like(x), {})
        values = torch.stack(list(parts.values()))
        (gradient,) = torch.autograd.grad(values.sum(), x)
        by_name = dict(zip(parts, values.tolist(), strict=True))
        return Evaluation(sum(by_name.values()), gradient, by_name)
