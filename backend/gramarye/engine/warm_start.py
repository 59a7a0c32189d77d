"""Warm starts: the recipe and the stopping rule for painting on from an earlier painting. No torch here.

After a small change of settings the earlier painting is close to the new one, so far fewer steps are needed.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from .pyramid import StallDetector
from .recipe import Recipe

if TYPE_CHECKING:
    from .images.iterate import Iterate
    from .resume_state import ResumeState

STEP_SHARE = 4
"""A warm start takes at most one part in this many of the recipe's steps."""


MIN_WARM_PROGRESS = 0.005
"""Share of the loss that each step of a warm start must take off on average.

Its steps are at full size, where one costs as much as sixteen on the coarsest of three scales; after ten of them the
loss is mostly below that of a fresh painting.
"""


def warm_start_recipe(recipe: Recipe, size: tuple[int, int], painted: tuple[int, int]) -> Recipe:
    """Return the recipe for painting a layer of ``size`` on from a painting of size ``painted``, both (height, width).

    The objective is unchanged. The painting starts from a picture, without a sketch, on the scales larger than
    ``painted``, at least on the last. It takes a quarter of the steps, at least 1; a recipe without steps keeps none.
    """
    scales = 1
    while scales < recipe.scales and max(size) > max(painted) << scales:
        scales += 1
    steps = max(1, recipe.steps // STEP_SHARE) if recipe.steps else 0
    return replace(recipe, init="picture", sketch=0, scales=scales, steps=steps)


def early_stop(
    iterates: Generator[Iterate, None, None], resume_state: ResumeState | None = None
) -> Generator[Iterate, None, None]:
    """Yield the iterates until progress on the last scale stalls; the last one then has the total as its step number.

    ``resume_state`` is the one given to `paint`, if any. Meant for L-BFGS, whose first step is no worse than the start;
    Adam's first steps may be.
    """
    stall_detector = (resume_state.early_stop_detector if resume_state else None) or StallDetector(MIN_WARM_PROGRESS)
    if resume_state is not None:
        resume_state.early_stop_detector = stall_detector
    with closing(iterates):
        for iterate in iterates:
            is_last = iterate.scale == iterate.scales - 1
            if is_last and iterate.best_loss is not None and stall_detector.has_stalled(iterate.best_loss):
                yield replace(iterate, step=iterate.total)
                return
            yield iterate
