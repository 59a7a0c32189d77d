"""The short form of ``python -m endurance.crash``: some kills, spread over all writes of front and worker."""

from __future__ import annotations

import os
import sys

import pytest

from endurance.crash.case import run
from endurance.crash.crash_points import cases, trace_crash_points

CASES = 8

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to tell one file from another"),
    pytest.mark.timeout(600),
]


def test_no_kill_loses_doubles_or_changes_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", dict(os.environ))
    points, expected = trace_crash_points()
    assert points["front"] > 20
    assert points["worker"] > 50
    outcomes = [run(case, expected) for case in cases(CASES, points, seed=5)]
    assert [fault for outcome in outcomes for fault in outcome.faults] == []
    assert sum(outcome.killed for outcome in outcomes) >= CASES - 2
    assert sum(outcome.accepted for outcome in outcomes) >= CASES
