"""Painting on: what a recipe becomes where an earlier painting, not the layer, is the start. No torch here.

After a slider has moved, the earlier painting is near the new one, and most of the way need not be gone again.
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
"""A painting that goes on takes this part of the recipe's steps at most."""


MIN_WARM_PROGRESS = 0.005
"""Share of the loss that each of its steps must take off on average. All are at full size, where one costs what sixteen
do on the coarsest of three scales, and after ten of them a fresh painting's loss is mostly passed."""


def warm_start_recipe(recipe: Recipe, size: tuple[int, int], painted: tuple[int, int]) -> Recipe:
    """The recipe for painting a layer of ``size`` on from a painting of size ``painted``, (height, width) both.

    The objective is the same. It starts from that picture, without a sketch, on the scales that are larger than it:
    where it has the layer's size, on the last alone, for what coarse scales settle is settled. It takes a quarter of
    the steps at most; none stay none.
    """
    scales = 1
    while scales < recipe.scales and max(size) > max(painted) << scales:
        scales += 1
    steps = max(1, recipe.steps // STEP_SHARE) if recipe.steps else 0
    return replace(recipe, init="picture", sketch=0, scales=scales, steps=steps)


def early_stop(
    iterates: Generator[Iterate, None, None], resume_state: ResumeState | None = None
) -> Generator[Iterate, None, None]:
    """The same iterates, ended where steps on the last scale no longer pay; the last then counts as the last of all.

    ``resume_state`` is theirs, if they have one.

    For L-BFGS, whose first step is no worse than the start. Adam finds its stride only after some.
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
