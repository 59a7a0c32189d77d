"""L-BFGS' memory of curvature: the last steps with the changes of gradient along them."""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor

from ..slabs import accumulate, dots, inner
from .spectrum import Spectrum

LEAST_COSINE = 1e-8
"""Of the angle between step and change of gradient: below it, a pair says nothing sound about curvature."""


class Curvature:
    """The inverse Hessian H that the last ``history`` pairs (s, y) imply, never formed.

    Pairs of float32 pictures are kept in bfloat16, half the memory: H of the rounded pairs is as sound, and as good.
    """

    def __init__(self, history: int) -> None:
        self._pairs: deque[tuple[Tensor, Tensor, float]] = deque(maxlen=history)
        self._spectrum = Spectrum()
        self._scale = 1.0

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def learn(self, step: Tensor, change: Tensor) -> None:
        """Take in a step s and the gradient's change y along it; a pair without positive curvature is left out."""
        step, change = _compact(step), _compact(change)
        product, square, length = dots((step, change), (change, change), (step, step))
        if product > LEAST_COSINE * (length * square) ** 0.5:
            self._pairs.append((step, change, product))
            self._scale = product / self._spectrum.learn(step, change)

    def forget(self) -> None:
        """Back to what the spectrum knows: no step that led astray has bent that by much."""
        self._pairs.clear()
        self._scale = 1.0

    def apply(self, gradient: Tensor) -> Tensor:
        """H g by the two-loop recursion (Nocedal & Wright, Numerical Optimization, algorithm 7.4).

        H's start is the spectrum's filter P, times s.y / y.P.y of the newest pair (equation 7.20, where P = 1).
        The host waits for none of it.
        """
        taken: list[Tensor] = []
        q = gradient.clone(memory_format=torch.contiguous_format)
        for step, change, product in reversed(self._pairs):
            alpha = inner(step, q) / product
            taken.append(alpha)
            accumulate(q, change, -alpha)
        q = self._spectrum.apply(q).mul_(self._scale)
        for (step, change, product), alpha in zip(self._pairs, reversed(taken), strict=True):
            accumulate(q, step, alpha - inner(change, q) / product)
        return q


def _compact(x: Tensor) -> Tensor:
    return x.to(torch.bfloat16) if x.dtype == torch.float32 else x
