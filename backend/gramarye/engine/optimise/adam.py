"""Adam in TensorFlow 1's form, the optimiser of the seed preset."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..images.pictures import Bounds
from .optimiser import Point

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""The defaults of tf.train.AdamOptimizer, which the seed uses."""

RATE_FACTOR = 0.25
"""Factor on the learning rate at a restart."""


class Adam:
    """Adam (Kingma & Ba, arXiv:1412.6980, algorithm 1, with "epsilon hat" as at the end of section 2).

    lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t);  x -= lr_t m_t / (sqrt(v_t) + epsilon), then clamped to the bounds.
    It accepts every picture that it proposes, better or not.
    """

    def __init__(self, start: Point, learning_rate: float, bounds: Bounds | None = None) -> None:
        self._rate = learning_rate
        self._bounds = bounds
        self._point = start
        self._step = 0
        self._first = torch.zeros_like(start.x)
        self._second = torch.zeros_like(start.x)

    @property
    def point(self) -> Point:
        """The current point."""
        return self._point

    def propose(self) -> Tensor:
        """Return the next picture."""
        gradient = self._point.evaluation.gradient
        self._step += 1
        self._first = torch.lerp(self._first, gradient, 1.0 - BETA1)
        self._second = BETA2 * self._second + (1.0 - BETA2) * gradient.square()
        rate = self._rate * math.sqrt(1.0 - BETA2**self._step) / (1.0 - BETA1**self._step)
        x = self._point.x - rate * self._first / (self._second.sqrt() + EPSILON)
        return self._bounds.clamp(x) if self._bounds else x

    def observe(self, trial: Point) -> None:
        """Move to the trial point."""
        self._point = trial

    def restart(self, point: Point) -> None:
        """Restart from a point with zero moments and a quarter of the learning rate."""
        self._rate *= RATE_FACTOR
        self._point = point
        self._step = 0
        self._first = torch.zeros_like(point.x)
        self._second = torch.zeros_like(point.x)
