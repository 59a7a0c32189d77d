"""Remaining time follows the measured step times across picture sizes."""

from __future__ import annotations

import pytest

from gramarye.daemon.remaining import RemainingTime, Stretch


def test_steady_steps_give_the_exact_remainder_whatever_the_first_one_cost() -> None:
    remaining = RemainingTime([Stretch(10, 1000)])
    assert remaining.after(1, 5.0) == -1.0
    assert remaining.after(2, 5.5) == pytest.approx(4.0)
    assert remaining.after(9, 9.0) == pytest.approx(0.5)
    assert remaining.after(10, 9.5) == 0.0


def test_larger_pictures_to_come_cost_in_proportion() -> None:
    remaining = RemainingTime([Stretch(4, 100), Stretch(3, 400)])
    remaining.after(1, 1.0)
    assert remaining.after(2, 1.1) == pytest.approx(0.2 + 3 * 0.4)


def test_no_steps_leave_no_time() -> None:
    assert RemainingTime([]).after(0, 0.0) == -1.0
