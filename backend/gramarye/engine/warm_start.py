"""Painting on: what a recipe becomes where an earlier painting, not the layer, is the start. No torch here.

After a slider has moved, the earlier painting is near the new one, and most of the way need not be gone again.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from .pyramid import Progress
from .recipe import Recipe

if TYPE_CHECKING:
    from .images.iterate import Iterate
    from .resume_state import Bookmark

SHARE = 4
"""A painting that goes on takes this part of the recipe's steps at most."""


LEAST_PROGRESS = 0.005
"""Share of the loss that each of its steps must take off on average. All are at full size, where one costs what sixteen
do on the coarsest of three scales, and after ten of them a fresh painting's loss is mostly passed."""


def again(recipe: Recipe, size: tuple[int, int], painted: tuple[int, int]) -> Recipe:
    """The recipe for painting a layer of ``size`` on from a painting of size ``painted``, (height, width) both.

    The objective is the same. It starts from that picture, without a sketch, on the scales that are larger than it:
    where it has the layer's size, on the last alone, for what coarse scales settle is settled. It takes a quarter of
    the steps at most; none stay none.
    """
    scales = 1
    while scales < recipe.scales and max(size) > max(painted) << scales:
        scales += 1
    steps = max(1, recipe.steps // SHARE) if recipe.steps else 0
    return replace(recipe, init="picture", sketch=0, scales=scales, steps=steps)


def settled(
    iterates: Generator[Iterate, None, None], bookmark: Bookmark | None = None
) -> Generator[Iterate, None, None]:
    """The same iterates, ended where steps on the last scale no longer pay; the last then counts as the last of all.

    ``bookmark`` is theirs, if they have one.

    For L-BFGS, whose first step is no worse than the start. Adam finds its stride only after some.
    """
    progress = (bookmark.settling if bookmark else None) or Progress(LEAST_PROGRESS)
    if bookmark is not None:
        bookmark.settling = progress
    with closing(iterates):
        for iterate in iterates:
            is_last = iterate.scale == iterate.scales - 1
            if is_last and iterate.best_loss is not None and progress.has_stalled(iterate.best_loss):
                yield replace(iterate, step=iterate.total)
                return
            yield iterate
