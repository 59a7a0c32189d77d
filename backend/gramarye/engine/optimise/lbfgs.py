"""L-BFGS with bounds, backtracking and one evaluation per step.

The direction is d = -H g, where H approximates the inverse Hessian from the last m pairs s = x_k+1 - x_k,
y = g_k+1 - g_k (Liu & Nocedal, Math. Programming 45, 1989). `Curvature` computes H g in the compact form of Byrd,
Nocedal & Schnabel (Math. Programming 63, 1994): two triangular systems of size m replace the sequential loops of the
two-loop recursion, and the host waits for nothing. The initial H is the filter of `Spectrum`, not a multiple of the
identity, because the curvature differs by orders of magnitude between spatial frequencies.

A step x' = P(x + t d), projected by P into the pixels' bounds, is accepted if the loss f decreases sufficiently
(Nocedal & Wright, Numerical Optimization, equation 3.6a, with the projected step in place of t d):

    f(x') <= f(x) + c1 g.(x' - x) + noise |f(x)|.

If not, t shrinks to the minimum of the parabola through both losses and the slope (equation 3.57). There is no Wolfe
condition on the new gradient, which would cost more evaluations; pairs without positive curvature are ignored instead.

Invariants: accepted losses never rise by more than the noise; pixels stay within their bounds, and a pixel at its bound
whose gradient pushes outwards is fixed for the step (Bertsekas, SIAM J. Control Optim. 20, 1982); the mean change of
a pixel per step is bounded, so that a poor H cannot destroy a picture; H is positive definite, so d is a descent
direction. If rounding breaks that, the pairs are discarded and d = -g.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from ..cuda.graphs import GraphedFunction, recorder_for
from ..images.pictures import Bounds
from ..numeric.blocked import inner_product, l1_norm
from .curvature import Curvature
from .optimiser import Point

FIRST_STEP = 4.0
"""Mean change of a pixel, in levels of 255, in a step along the negative gradient, without curvature."""

MAX_STEP = 16.0
"""Greatest mean change of a pixel in any other step."""

MIN_STEP = 1e-6
"""Least mean change of a pixel: smaller steps no longer change the picture."""

SUFFICIENT_DECREASE = 1e-4
"""Required share of the decrease predicted by the gradient, c1 of Nocedal & Wright, equation 3.6a."""

MIN_BACKTRACK, MAX_BACKTRACK = 0.1, 0.5
"""Bounds of the factor on the length of a rejected step."""

PATIENCE = 10
"""Evaluations without a new least loss after which noisy losses count as exhausted."""

MAX_GRAPHED_NUMBERS = 2**23
"""Numbers of a picture up to which updates are recorded as a CUDA graph: call overhead matters only in small ones."""

REACH_SHRINK, REACH_GROWTH = 0.25, 2.0
"""Factors on the step bounds: at a restart, and at each accepted step."""


class LBFGS:
    """Limited-memory BFGS on pixels; see the module's docstring.

    ``history`` is the number of pairs and ``noise`` the relative error of the losses. Losses may rise by the noise,
    because a loss that is low by chance could otherwise never be left (Shi, Xie, Byrd & Nocedal, A noise-tolerant
    quasi-Newton algorithm, SIAM J. Optim. 32, 2022). Between two evaluations it holds the point, the trial and the
    curvature, and nothing else of a picture's size.
    """

    _graphed: GraphedFunction | None = None
    """Update and direction as a CUDA graph; None before the first update, on the CPU and for large pictures."""

    def __init__(self, start: Point, history: int, bounds: Bounds | None = None, noise: float = 0.0) -> None:
        self._point = start
        self._bounds = bounds
        self._noise = noise
        self._best_loss, self._evaluations_since_best = start.evaluation.loss, 0
        """The least loss so far, and the number of evaluations since."""
        self._curvature = Curvature(history, start.x)
        self._has_curvature = False
        """Whether the last direction used curvature pairs."""
        self._reach = 1.0
        self._trial: Tensor | None = None
        """The last proposal, or the next one if it is already known; None if a new direction is needed."""
        self._backtrack = 1.0
        """Factor on the step to the trial for the next proposal."""
        self._directional_derivative = 0.0

    @property
    def point(self) -> Point:
        """The current point."""
        return self._point

    def propose(self) -> Tensor | None:
        """Return the next picture to try; None if no further step lowers the loss."""
        if self._noise and self._evaluations_since_best >= PATIENCE:
            return None
        x = self._point.x
        if self._trial is None:
            trial = self._first_trial(*_direction(self._curvature, self._free_gradient()))
        else:
            trial = self._trial if self._backtrack == 1.0 else torch.lerp(x, self._trial, self._backtrack)
        if trial is None:
            return None
        step = trial - x
        size, self._directional_derivative = torch.cat(
            [l1_norm(step), inner_product(self._point.evaluation.gradient, step)]
        ).tolist()
        if size < MIN_STEP * x.numel():
            if not self._has_curvature:
                return None
            self._reset()
            return self.propose()
        self._trial = trial
        return trial

    def observe(self, trial: Point) -> None:
        """Move to the trial if the loss decreased sufficiently, otherwise shorten the step."""
        before = self._point
        rise = trial.evaluation.loss - before.evaluation.loss
        self._evaluations_since_best = (
            0 if trial.evaluation.loss < self._best_loss else self._evaluations_since_best + 1
        )
        self._best_loss = min(self._best_loss, trial.evaluation.loss)
        error = self._noise * abs(before.evaluation.loss)
        if rise <= SUFFICIENT_DECREASE * self._directional_derivative + error and self._directional_derivative < 0.0:
            self._point, self._trial = trial, None
            self._reach = min(1.0, REACH_GROWTH * self._reach)
            step = self._curvature.difference(trial.x, before.x)
            self._update(step, self._curvature.difference(trial.evaluation.gradient, before.evaluation.gradient))
            return
        # minimum of the parabola through both losses and the slope (Nocedal & Wright, equation 3.57)
        curve = rise - self._directional_derivative
        backtrack = -0.5 * self._directional_derivative / curve if curve > 0.0 else MAX_BACKTRACK
        self._backtrack = min(max(backtrack, MIN_BACKTRACK), MAX_BACKTRACK)

    def restart(self, point: Point) -> None:
        """Restart from a point without pairs and with a quarter of the step bounds."""
        self._point = point
        self._evaluations_since_best = 0
        self._reach *= REACH_SHRINK
        self._reset()

    def _update(self, step: Tensor, change: Tensor) -> None:
        """Add a pair; if that is graphed, the same graph also computes the next trial."""
        self._curvature.next_slot()
        if self._graphed is None and step.numel() <= MAX_GRAPHED_NUMBERS:
            recorder = recorder_for(step.device, "direction")
            if recorder is not None:
                self._graphed = GraphedFunction(partial(_update_and_direction, self._curvature), recorder)
        if self._graphed is None:
            self._curvature.update(step, change)
        else:
            given = torch.cat([step, change, self._free_gradient()])
            self._trial = self._first_trial(*self._graphed(given))

    def _reset(self) -> None:
        self._curvature.reset()
        self._trial = None

    def _first_trial(self, direction: Tensor, numbers: Tensor) -> Tensor | None:
        """Return the first trial along the output of `_direction`; None if the gradient is 0."""
        size, steepest, directional_derivative, pair_count = numbers.tolist()
        self._backtrack, self._has_curvature = 1.0, pair_count > 0.0
        if steepest == 0.0:
            return None
        if directional_derivative >= 0.0:  # not a descent direction, by rounding
            self._curvature.reset()
            direction, size, self._has_curvature = -self._free_gradient(), steepest, False
        longest = self._reach * (MAX_STEP if self._has_curvature else FIRST_STEP) * direction.numel() / size
        length = min(1.0, longest) if self._has_curvature else longest
        x = torch.add(self._point.x, direction, alpha=length)
        return self._bounds.clamp(x) if self._bounds else x

    def _free_gradient(self) -> Tensor:
        """The gradient, set to 0 where the step would push a pixel beyond its bound."""
        x, gradient = self._point.x, self._point.evaluation.gradient
        if self._bounds is None:
            return gradient
        active = ((x <= self._bounds.lower) & (gradient > 0.0)) | ((x >= self._bounds.upper) & (gradient < 0.0))
        return gradient.masked_fill(active, 0.0)


def _direction(curvature: Curvature, free: Tensor) -> tuple[Tensor, ...]:
    """Return d = -H g for a free gradient g, and (4,): the L1 norms of d and g, d.g, and the number of pairs.

    Does not synchronise with the host.
    """
    direction = curvature.apply(free).neg_().masked_fill_(free == 0.0, 0.0)
    numbers = l1_norm(direction), l1_norm(free), inner_product(direction, free), curvature.pair_count().to(free)
    return direction, torch.cat(numbers)


def _update_and_direction(curvature: Curvature, given: Tensor) -> tuple[Tensor, ...]:
    """Add a pair, then return `_direction`; ``given`` (3, 3, H, W) is the step, the change and the gradient."""
    curvature.update(given[0:1], given[1:2])
    return _direction(curvature, given[2:3])
