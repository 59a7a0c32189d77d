"""The remaining time follows the measured step times across picture sizes."""

from __future__ import annotations

import random

import pytest

from gramarye.daemon.worker.eta import Phase, RemainingTime


def test_equal_steps_give_the_exact_remainder_whatever_the_first_one_took() -> None:
    remaining = RemainingTime([Phase(10, 1000)])
    assert remaining.update(1, 5.0) == -1.0
    assert remaining.update(2, 5.5) == pytest.approx(4.0)
    assert remaining.update(9, 9.0) == pytest.approx(0.5)
    assert remaining.update(10, 9.5) == 0.0


def test_later_phases_are_estimated_in_proportion_to_their_cost() -> None:
    remaining = RemainingTime([Phase(4, 100), Phase(3, 400)])
    remaining.update(1, 1.0)
    assert remaining.update(2, 1.1) == pytest.approx(0.2 + 5 * 0.4)  # the set-up counts as two steps


def test_set_up_seconds_count_once_per_phase() -> None:
    remaining = RemainingTime([Phase(4, 100, 0.5), Phase(3, 400, 0.5)])
    remaining.update(1, 1.0)
    assert remaining.update(2, 1.1) == pytest.approx(0.2 + 0.5 + 5 * 0.4)
    remaining.update(3, 1.2)
    remaining.update(4, 1.3)
    assert remaining.update(5, 3.0) == pytest.approx(2 * 0.4), "the set-up of the second phase was expected"


def test_warm_up_steps_are_not_measured() -> None:
    remaining = RemainingTime([Phase(10, 100, 0.5, 3), Phase(3, 400, 0.5, 3)])
    assert [remaining.update(step, now) for step, now in ((1, 1.0), (2, 2.0), (3, 3.0))] == [-1.0] * 3
    assert remaining.update(4, 3.1) == pytest.approx(0.6 + 0.5 + 5 * 0.4)
    for step in range(5, 11):
        remaining.update(step, 2.7 + 0.1 * step)
    assert remaining.update(11, 9.0) == pytest.approx(2 * 0.4)


def test_no_steps_leave_no_time() -> None:
    assert RemainingTime([]).update(0, 0.0) == -1.0


def test_skipped_steps_are_not_measured() -> None:
    remaining = RemainingTime([Phase(40, 100), Phase(3, 400)])
    remaining.update(1, 1.0)
    remaining.update(2, 1.1)
    assert remaining.update(40, 1.2) == pytest.approx(5 * 0.4)
    assert remaining.update(41, 2.4) == pytest.approx(2 * 0.4)


@pytest.mark.parametrize("ended_early", [0, 16])
def test_the_estimate_is_within_a_fifth_after_a_tenth_of_the_time(ended_early: int) -> None:
    """Three phases like those of the default recipe; step times vary by a tenth; the first phase may end early."""
    phases = [Phase(80, 0.9), Phase(40, 2.4), Phase(20, 8.7)]
    varied = random.Random(0)
    remaining, now, estimates, step = RemainingTime(phases), 0.0, [], 0
    for index, phase in enumerate(phases):
        taken = phase.steps - (ended_early if index == 0 else 0)
        now += 2.0 * phase.cost
        for number in range(1, taken + 1):
            now += phase.cost * varied.uniform(0.9, 1.1)
            last = number == taken
            estimates.append((now, remaining.update(step + (phase.steps if last else number), now)))
        step += phase.steps
    for at, left in estimates:
        if 0.1 * now <= at <= 0.9 * now:
            assert left == pytest.approx(now - at, rel=0.2)
