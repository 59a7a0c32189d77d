"""Warm starts: the recipe, and when the painting stops."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import pytest

from engine.support import picture, recipe, small_network
from gramarye.engine.images.iterate import Iterate
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.pyramid import WINDOW, schedule
from gramarye.engine.warm_start import MIN_WARM_PROGRESS, early_stop, warm_start_recipe

NETWORK = small_network()
STYLES = [StyleInput(picture((40, 52), 1))]


@pytest.mark.parametrize(
    ("painted", "scales", "sides"),
    [
        ((1000, 750), 3, [1000]),
        ((501, 376), 3, [1000]),
        ((500, 375), 3, [1000]),
        ((499, 374), 3, [500, 1000]),
        ((256, 192), 3, [500, 1000]),
        ((100, 75), 3, [250, 500, 1000]),
        ((100, 75), 2, [500, 1000]),
        ((2000, 1500), 3, [1000]),
    ],
)
def test_a_warm_start_begins_at_the_first_larger_scale(painted: tuple[int, int], scales: int, sides: list[int]) -> None:
    left = warm_start_recipe(recipe(scales=scales, steps=140), (1000, 750), painted)
    assert [level.height for level in schedule(left, 1000, 750)] == sides


@pytest.mark.parametrize(("steps", "left"), [(140, 35), (143, 35), (4, 1), (3, 1), (1, 1), (0, 0)])
def test_a_warm_start_takes_a_quarter_of_the_steps(steps: int, left: int) -> None:
    assert warm_start_recipe(recipe(steps=steps), (64, 64), (64, 64)).steps == left


@pytest.mark.parametrize("preset", ["painting", "seed", "gatys", "neural-style"])
def test_a_warm_start_keeps_the_objective_and_starts_from_the_painting(preset: str) -> None:
    whole = recipe(preset)
    left = warm_start_recipe(whole, (64, 64), (64, 64))
    assert (left.init, left.sketch) == ("picture", 0)
    assert replace(left, init=whole.init, sketch=whole.sketch, scales=whole.scales, steps=whole.steps) == whole


def test_a_warm_start_reaches_a_lower_loss_than_a_fresh_painting() -> None:
    """With the same number of steps, starting from the earlier painting gives the lower loss."""
    content = picture((48, 66))
    first = recipe(steps=40, precision="float32", scales=1)
    moved = replace(first, content_weight=1.6 * first.content_weight)
    *_, done = paint(content, STYLES, first, NETWORK)
    left = warm_start_recipe(moved, (48, 66), (48, 66))
    *_, warm = early_stop(paint(content, STYLES, left, NETWORK, start=done.best_picture()))
    *_, cold = paint(content, STYLES, replace(moved, steps=left.steps), NETWORK)
    assert warm.best_loss is not None
    assert cold.best_loss is not None
    assert warm.best_loss < cold.best_loss


def stream(losses: list[float], scales: int = 1, scale: int = 0) -> Generator[Iterate, None, None]:
    """Iterates with these losses, copied from a real one."""
    (one,) = paint(picture((32, 32)), STYLES, recipe(steps=0), NETWORK)
    for number, loss in enumerate(losses, 1):
        yield replace(one, step=number, total=len(losses), best_loss=loss, scale=scale, scales=scales)


def test_early_stop_ends_a_stalled_painting_with_the_total_step_number() -> None:
    iterates = stream([1.0] * 3 * WINDOW)
    told = list(early_stop(iterates))
    assert [iterate.step for iterate in told] == [*range(1, WINDOW + 1), 3 * WINDOW]
    assert list(iterates) == [], "the painting is closed"


def test_early_stop_ignores_good_progress_and_coarse_scales() -> None:
    falling = [(1.0 - 1.5 * MIN_WARM_PROGRESS) ** number for number in range(3 * WINDOW)]
    assert len(list(early_stop(stream(falling)))) == len(falling)
    assert len(list(early_stop(stream([1.0] * 3 * WINDOW, scales=2)))) == 3 * WINDOW
    assert len(list(early_stop(stream([1.0] * 3 * WINDOW, scales=2, scale=1)))) == WINDOW + 1
