"""The schedule of sizes and steps, and the stall detector."""

import pytest

from engine.support import recipe
from gramarye.engine.pyramid import MIN_COARSE_SIDE, MIN_PROGRESS, WINDOW, Level, StallDetector, schedule


@pytest.mark.parametrize("scales", [1, 2, 3, 8])
@pytest.mark.parametrize("steps", [1, 2, 3, 6, 7, 100, 181])
@pytest.mark.parametrize("size", [(16, 16), (100, 1999), (1023, 777)])
def test_steps_add_up_and_every_level_has_at_least_one(scales: int, steps: int, size: tuple[int, int]) -> None:
    levels = schedule(recipe(scales=scales, steps=steps), *size)
    assert sum(level.steps for level in levels) == steps
    assert all(level.steps >= 1 for level in levels)
    assert (levels[-1].height, levels[-1].width) == size
    assert len(levels) <= scales


def test_each_level_has_half_the_sides_and_twice_the_steps_of_the_next() -> None:
    levels = schedule(recipe(scales=3, steps=70), 1023, 777)
    assert levels == (Level(256, 195, 40), Level(512, 389, 20), Level(1023, 777, 10))


def test_no_steps_are_one_level_at_full_size() -> None:
    assert schedule(recipe(scales=4, steps=0), 640, 480) == (Level(640, 480, 0),)


def test_small_pictures_get_fewer_levels() -> None:
    side = 2 * MIN_COARSE_SIDE
    assert len(schedule(recipe(scales=8), side, 1000)) == 2
    assert len(schedule(recipe(scales=8), side - 1, 1000)) == 1


def test_stall_detector_fires_on_slow_progress_only() -> None:
    progress = StallDetector()
    losses = [100.0 * (1.0 - 3.0 * MIN_PROGRESS) ** step for step in range(3 * WINDOW)]
    assert not any(progress.has_stalled(loss) for loss in losses)
    stalled = [progress.has_stalled(losses[-1]) for _ in range(WINDOW)]
    assert stalled[-1]
    assert not stalled[0]


def test_stall_detector_waits_for_a_full_window() -> None:
    progress = StallDetector()
    assert [progress.has_stalled(1.0) for _ in range(WINDOW + 1)] == [False] * WINDOW + [True]
