"""Remaining time follows the measured step times across picture sizes."""

from __future__ import annotations

import random

import pytest

from gramarye.daemon.worker.eta import Phase, RemainingTime


def test_steady_steps_give_the_exact_remainder_whatever_the_first_one_cost() -> None:
    remaining = RemainingTime([Phase(10, 1000)])
    assert remaining.update(1, 5.0) == -1.0
    assert remaining.update(2, 5.5) == pytest.approx(4.0)
    assert remaining.update(9, 9.0) == pytest.approx(0.5)
    assert remaining.update(10, 9.5) == 0.0


def test_larger_pictures_to_come_cost_in_proportion() -> None:
    remaining = RemainingTime([Phase(4, 100), Phase(3, 400)])
    remaining.update(1, 1.0)
    assert remaining.update(2, 1.1) == pytest.approx(0.2 + 5 * 0.4)  # two of them to set up


def test_setting_up_takes_its_seconds_once_for_each_size() -> None:
    remaining = RemainingTime([Phase(4, 100, 0.5), Phase(3, 400, 0.5)])
    remaining.update(1, 1.0)
    assert remaining.update(2, 1.1) == pytest.approx(0.2 + 0.5 + 5 * 0.4)
    remaining.update(3, 1.2)
    remaining.update(4, 1.3)
    assert remaining.update(5, 3.0) == pytest.approx(2 * 0.4), "its three costs and its seconds are no news"


def test_steps_in_which_a_size_is_still_set_up_are_no_measure() -> None:
    remaining = RemainingTime([Phase(10, 100, 0.5, 3), Phase(3, 400, 0.5, 3)])
    assert [remaining.update(step, now) for step, now in ((1, 1.0), (2, 2.0), (3, 3.0))] == [-1.0] * 3
    assert remaining.update(4, 3.1) == pytest.approx(0.6 + 0.5 + 5 * 0.4)
    for step in range(5, 11):
        remaining.update(step, 2.7 + 0.1 * step)
    assert remaining.update(11, 9.0) == pytest.approx(2 * 0.4)


def test_no_steps_leave_no_time() -> None:
    assert RemainingTime([]).update(0, 0.0) == -1.0


def test_steps_that_were_never_taken_are_no_measure() -> None:
    remaining = RemainingTime([Phase(40, 100), Phase(3, 400)])
    remaining.update(1, 1.0)
    remaining.update(2, 1.1)
    assert remaining.update(40, 1.2) == pytest.approx(5 * 0.4)
    assert remaining.update(41, 2.4) == pytest.approx(2 * 0.4)


@pytest.mark.parametrize("ended_early", [0, 16])
def test_after_a_tenth_a_painting_is_foretold_within_a_fifth(ended_early: int) -> None:
    """Three sizes as the default recipe paints them, steps that vary by a tenth, the first size ended early or not."""
    phases = [Phase(80, 0.9), Phase(40, 2.4), Phase(20, 8.7)]
    varied = random.Random(0)
    remaining, now, said, step = RemainingTime(phases), 0.0, [], 0
    for index, phase in enumerate(phases):
        taken = phase.steps - (ended_early if index == 0 else 0)
        now += 2.0 * phase.cost
        for number in range(1, taken + 1):
            now += phase.cost * varied.uniform(0.9, 1.1)
            last = number == taken
            said.append((now, remaining.update(step + (phase.steps if last else number), now)))
        step += phase.steps
    for at, left in said:
        if 0.1 * now <= at <= 0.9 * now:
            assert left == pytest.approx(now - at, rel=0.2)
