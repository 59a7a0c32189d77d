"""L-BFGS' memory of curvature: the last steps with the changes of gradient along them."""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor

LEAST_COSINE = 1e-8
"""Of the angle between step and change of gradient: below it, a pair says nothing sound about curvature."""

_RUN = 4096
"""Products summed in the tensors' own precision before float64 takes over."""


def dot(a: Tensor, b: Tensor) -> float:
    """<a, b> of two tensors of one shape, accumulated in float64."""
    left, right = a.flatten(), b.flatten()
    whole = left.numel() // _RUN * _RUN
    runs = (left[:whole].view(-1, _RUN) * right[:whole].view(-1, _RUN)).sum(dim=1)
    rest = torch.dot(left[whole:], right[whole:])
    return float(runs.cpu().to(torch.float64).sum()) + float(rest)


class Curvature:
    """The inverse Hessian H that the last ``history`` pairs (s, y) imply, never formed."""

    def __init__(self, history: int) -> None:
        self._pairs: deque[tuple[Tensor, Tensor, float]] = deque(maxlen=history)
        self._scale = 1.0

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def learn(self, step: Tensor, change: Tensor) -> None:
        """Take in a step s and the gradient's change y along it; a pair without positive curvature is left out."""
        product, square = dot(step, change), dot(change, change)
        if product > LEAST_COSINE * (dot(step, step) * square) ** 0.5:
            self._pairs.append((step, change, product))
            self._scale = product / square

    def forget(self) -> None:
        """Back to H = 1."""
        self._pairs.clear()
        self._scale = 1.0

    def apply(self, gradient: Tensor) -> Tensor:
        """H g by the two-loop recursion (Nocedal & Wright, Numerical Optimization, algorithm 7.4).

        H's start is s.y / y.y of the newest pair times the identity (equation 7.20).
        """
        taken: list[float] = []
        q = gradient
        for step, change, product in reversed(self._pairs):
            alpha = dot(step, q) / product
            taken.append(alpha)
            q = q - alpha * change
        q = self._scale * q
        for (step, change, product), alpha in zip(self._pairs, reversed(taken), strict=True):
            q = q + (alpha - dot(change, q) / product) * step
        return q
