"""Remaining time follows the measured step times across picture sizes."""

from __future__ import annotations

import random

import pytest

from gramarye.daemon.worker.eta import RemainingTime, Stretch


def test_steady_steps_give_the_exact_remainder_whatever_the_first_one_cost() -> None:
    remaining = RemainingTime([Stretch(10, 1000)])
    assert remaining.after(1, 5.0) == -1.0
    assert remaining.after(2, 5.5) == pytest.approx(4.0)
    assert remaining.after(9, 9.0) == pytest.approx(0.5)
    assert remaining.after(10, 9.5) == 0.0


def test_larger_pictures_to_come_cost_in_proportion() -> None:
    remaining = RemainingTime([Stretch(4, 100), Stretch(3, 400)])
    remaining.after(1, 1.0)
    assert remaining.after(2, 1.1) == pytest.approx(0.2 + 5 * 0.4)  # two of them to set up


def test_setting_up_takes_its_seconds_once_for_each_size() -> None:
    remaining = RemainingTime([Stretch(4, 100, 0.5), Stretch(3, 400, 0.5)])
    remaining.after(1, 1.0)
    assert remaining.after(2, 1.1) == pytest.approx(0.2 + 0.5 + 5 * 0.4)
    remaining.after(3, 1.2)
    remaining.after(4, 1.3)
    assert remaining.after(5, 3.0) == pytest.approx(2 * 0.4), "its three costs and its seconds are no news"


def test_steps_in_which_a_size_is_still_set_up_are_no_measure() -> None:
    remaining = RemainingTime([Stretch(10, 100, 0.5, 3), Stretch(3, 400, 0.5, 3)])
    assert [remaining.after(step, now) for step, now in ((1, 1.0), (2, 2.0), (3, 3.0))] == [-1.0] * 3
    assert remaining.after(4, 3.1) == pytest.approx(0.6 + 0.5 + 5 * 0.4)
    for step in range(5, 11):
        remaining.after(step, 2.7 + 0.1 * step)
    assert remaining.after(11, 9.0) == pytest.approx(2 * 0.4)


def test_no_steps_leave_no_time() -> None:
    assert RemainingTime([]).after(0, 0.0) == -1.0


def test_steps_that_were_never_taken_are_no_measure() -> None:
    remaining = RemainingTime([Stretch(40, 100), Stretch(3, 400)])
    remaining.after(1, 1.0)
    remaining.after(2, 1.1)
    assert remaining.after(40, 1.2) == pytest.approx(5 * 0.4)
    assert remaining.after(41, 2.4) == pytest.approx(2 * 0.4)


@pytest.mark.parametrize("ended_early", [0, 16])
def test_after_a_tenth_a_painting_is_foretold_within_a_fifth(ended_early: int) -> None:
    """Three sizes as the default recipe paints them, steps that vary by a tenth, the first size ended early or not."""
    stretches = [Stretch(80, 0.9), Stretch(40, 2.4), Stretch(20, 8.7)]
    varied = random.Random(0)
    remaining, now, said, step = RemainingTime(stretches), 0.0, [], 0
    for index, stretch in enumerate(stretches):
        taken = stretch.steps - (ended_early if index == 0 else 0)
        now += 2.0 * stretch.cost
        for number in range(1, taken + 1):
            now += stretch.cost * varied.uniform(0.9, 1.1)
            last = number == taken
            said.append((now, remaining.after(step + (stretch.steps if last else number), now)))
        step += stretch.steps
    for at, left in said:
        if 0.1 * now <= at <= 0.9 * now:
            assert left == pytest.approx(now - at, rel=0.2)
