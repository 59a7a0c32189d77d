"""What the optimisation loop asks of an optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from .evaluator import Evaluation


@dataclass(frozen=True, eq=False)
class Point:
    """A picture, centred pixels (1, 3, H, W), and the objective there."""

    x: Tensor
    evaluation: Evaluation


class Optimiser(Protocol):
    """Moves a point. Tensors that it hands out are never changed afterwards."""

    @property
    def point(self) -> Point:
        """Where it stands."""

    def propose(self) -> Tensor | None:
        """The picture to evaluate next, within bounds; None where nothing is left to gain."""

    def observe(self, trial: Point) -> None:
        """Take in the (finite) objective at the picture proposed, and move there if it should."""

    def restart(self, point: Point) -> None:
        """Go back to a point, forget what was learnt on the way, and take shorter steps from there."""
