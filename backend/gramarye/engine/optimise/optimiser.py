"""`Optimiser`, the interface between the optimisation loop and an optimiser, and `Point`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from .evaluator import Evaluation


@dataclass(frozen=True, eq=False)
class Point:
    """A picture, centred pixels (1, 3, H, W), and the objective's evaluation at it."""

    x: Tensor
    evaluation: Evaluation


class Optimiser(Protocol):
    """Moves a point. It never modifies a tensor after returning it."""

    @property
    def point(self) -> Point:
        """The current point."""

    def propose(self) -> Tensor | None:
        """Return the picture to evaluate next, within the bounds; None if no further step lowers the loss."""

    def observe(self, trial: Point) -> None:
        """Take the evaluation of the proposed picture, which is finite; move there if the step is acceptable."""

    def restart(self, point: Point) -> None:
        """Go back to a point, discard the history, and take shorter steps."""
