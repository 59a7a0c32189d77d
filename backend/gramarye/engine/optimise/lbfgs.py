"""L-BFGS with every step in hand: bounded, projected into the pixels' range, never uphill but for rounding."""

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
"""Levels of 255 that pixels move on average in a step without curvature to go by."""

MAX_STEP = 16.0
"""The same, at most, for any step."""

MIN_STEP = 1e-6
"""The same, at least: below it a picture no longer changes."""

SUFFICIENT_DECREASE = 1e-4
"""Share of the decrease that the slope promises, c1 of Nocedal & Wright, equation 3.6a."""

MIN_BACKTRACK, MAX_BACKTRACK = 0.1, 0.5
"""A step that went too far is multiplied by something between these."""

PATIENCE = 10
"""Evaluations without a new least loss after which losses that are rounded are taken to lead no further."""

MAX_GRAPHED_NUMBERS = 2**23
"""Numbers of a picture up to which a card's step is recorded: beyond, the calls are no longer what takes the time."""

REACH_SHRINK, REACH_GROWTH = 0.25, 2.0
"""What a retreat does to the bounds on steps, and what each good step gives back."""


class LBFGS:
    """Limited-memory BFGS (Liu & Nocedal 1989) on pixels, with backtracking and bounds.

    A rise of the loss is not accepted: the step is cut by interpolation and tried again, one evaluation each.
    Losses whose relative error is ``noise`` may rise by that much, or one that came out low by chance could never be
    left (Shi, Xie, Byrd & Nocedal, A noise-tolerant quasi-Newton algorithm, SIAM J. Optim. 32, 2022). With bounds,
    the trial is projected into them and pixels that push outwards at their bound are held (Bertsekas 1982,
    projected Newton methods). Between two evaluations it holds the point, the trial and the curvature, nothing else
    of a picture's size.
    """

    _graphed: GraphedFunction | None = None
    """How it learns and finds its direction on a card, once that has been asked for."""

    def __init__(self, start: Point, history: int, bounds: Bounds | None = None, noise: float = 0.0) -> None:
        self._point = start
        self._bounds = bounds
        self._noise = noise
        self._best_loss, self._evaluations_since_best = start.evaluation.loss, 0
        """The least loss so far, and how many evaluations ago that was."""
        self._curvature = Curvature(history, start.x)
        self._has_curvature = False
        """Whether the curvature had a say in the last direction."""
        self._reach = 1.0
        self._trial: Tensor | None = None
        """What was proposed last, or is to be next; None where that needs a direction."""
        self._backtrack = 1.0
        """How far towards it the next one lies."""
        self._directional_derivative = 0.0

    @property
    def point(self) -> Point:
        """The picture that it moved to last."""
        return self._point

    def propose(self) -> Tensor | None:
        """The next picture to try; None where no step lowers the loss any more."""
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
        """Move there if the loss fell by enough, otherwise cut the step."""
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
        # the parabola through both losses and the slope has its minimum here (equation 3.57)
        curve = rise - self._directional_derivative
        backtrack = -0.5 * self._directional_derivative / curve if curve > 0.0 else MAX_BACKTRACK
        self._backtrack = min(max(backtrack, MIN_BACKTRACK), MAX_BACKTRACK)

    def restart(self, point: Point) -> None:
        """Start anew from a point with a quarter of the reach."""
        self._point = point
        self._evaluations_since_best = 0
        self._reach *= REACH_SHRINK
        self._reset()

    def _update(self, step: Tensor, change: Tensor) -> None:
        """Take in a pair; the next trial follows at once where one recording does both."""
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
        """The first trial from where it stands, for what `_direction` gives; None where the gradient vanishes."""
        size, steepest, directional_derivative, pair_count = numbers.tolist()
        self._backtrack, self._has_curvature = 1.0, pair_count > 0.0
        if steepest == 0.0:
            return None
        if directional_derivative >= 0.0:  # rounding, or held pixels, have turned it uphill
            self._curvature.reset()
            direction, size, self._has_curvature = -self._free_gradient(), steepest, False
        longest = self._reach * (MAX_STEP if self._has_curvature else FIRST_STEP) * direction.numel() / size
        length = min(1.0, longest) if self._has_curvature else longest
        x = torch.add(self._point.x, direction, alpha=length)
        return self._bounds.clamp(x) if self._bounds else x

    def _free_gradient(self) -> Tensor:
        """The gradient, zero where a pixel at its bound would be pushed beyond."""
        x, gradient = self._point.x, self._point.evaluation.gradient
        if self._bounds is None:
            return gradient
        active = ((x <= self._bounds.lower) & (gradient > 0.0)) | ((x >= self._bounds.upper) & (gradient < 0.0))
        return gradient.masked_fill(active, 0.0)


def _direction(curvature: Curvature, free: Tensor) -> tuple[Tensor, ...]:
    """The direction -H g from a free gradient g; and |direction|, |g|, their product, and how many pairs are known.

    The host waits for none of it.
    """
    direction = curvature.apply(free).neg_().masked_fill_(free == 0.0, 0.0)
    numbers = l1_norm(direction), l1_norm(free), inner_product(direction, free), curvature.pair_count().to(free)
    return direction, torch.cat(numbers)


def _update_and_direction(curvature: Curvature, given: Tensor) -> tuple[Tensor, ...]:
    """The same once a step and a change are learnt, ``given`` before the gradient: (3, 3, H, W)."""
    curvature.update(given[0:1], given[1:2])
    return _direction(curvature, given[2:3])
