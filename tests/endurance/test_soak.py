"""A short soak, and that growth would be seen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from endurance.process_stats import ProcessStats, children, read_process_stats
from endurance.report import Measurement, count, print_report
from endurance.soak import KEPT_JOBS, Round, measurements_of, soak
from endurance.trend import memory_measurements, trend

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_short_soak_leaves_nothing_behind() -> None:
    measurements = soak(minutes=0.4)
    assert [str(measurement) for measurement in measurements if not measurement.is_kept] == []


@pytest.mark.parametrize("grows", ["nothing", "memory", "descriptors", "threads", "children"])
def test_what_grows_from_round_to_round_is_told(grows: str) -> None:
    def front(number: int) -> ProcessStats:
        steady = {"memory": 50_000 + 100 * (number % 2), "descriptors": 20, "threads": 5, "children": 0}
        return ProcessStats(**{**steady, grows: steady.get(grows, 0) + 900 * number} if grows != "nothing" else steady)

    broken = [
        measurement.name
        for measurement in measurements_of([Round(20.0 * n, front(n), 50) for n in range(16)])
        if not measurement.is_kept
    ]
    told = {"memory": "  its slope", "children": "processes under it"}
    assert broken == ([] if grows == "nothing" else [told.get(grows, grows)])


def test_jobs_that_are_kept_beyond_their_number_are_told() -> None:
    measurements = measurements_of(
        [Round(20.0 * n, ProcessStats(50_000, 20, 5, 0), KEPT_JOBS - 14 + n) for n in range(16)]
    )
    assert [measurement.value for measurement in measurements if not measurement.is_kept] == [str(KEPT_JOBS + 1)]


def test_a_slope_is_per_minute_and_of_what_came_after_warming_up() -> None:
    seconds = [float(second) for second in range(300)]
    values = [second * 1000 if second < 130 else 20_000 + second * 2 for second in seconds]
    found = trend(seconds, values)
    assert found.start == 20_260
    assert found.slope == pytest.approx(120.0)
    assert found.slope_lower_bound == pytest.approx(120.0)
    assert found.is_long_enough


def test_of_too_short_a_time_a_slope_is_told_and_not_judged() -> None:
    seconds = [float(second) for second in range(60)]
    values = [second * 1000 for second in seconds]
    assert trend(seconds, values).slope == pytest.approx(60_000.0)
    told = memory_measurements("front", seconds, values)
    assert [measurement.is_kept for measurement in told] == [True, True]
    assert "too short" in told[1].name
    judged = memory_measurements("front", [10 * second for second in seconds], values)
    assert [measurement.is_kept for measurement in judged] == [True, False]


def test_a_single_leap_is_no_growth() -> None:
    values = [500.0] * 30 + [90_000.0] + [500.0] * 10
    assert trend([10.0 * n for n in range(41)], values).slope_lower_bound == 0.0


_GROWS = """
import os, subprocess, sys
print("before", flush=True)
input()
ends = os.pipe()
with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
    print(child.pid, flush=True)
    input()
    child.communicate(b"\\n")
"""


@linux_only
def test_vitals_tell_descriptors_and_children() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", _GROWS], stdin=pipe, stdout=pipe, text=True, bufsize=1) as watched:
        assert watched.stdin is not None
        assert watched.stdout is not None
        watched.stdout.readline()
        before = read_process_stats(watched.pid)
        watched.stdin.write("\n")
        child = int(watched.stdout.readline())
        during = read_process_stats(watched.pid)
        assert child in children(watched.pid)
        watched.stdin.write("\n")
    assert watched.returncode == 0
    assert during.descriptors == before.descriptors + 3  # a pipe's two ends, and one of the child's
    assert during.children == before.children + 1
    assert during.memory > 1000
    assert during.threads >= 1


def test_the_status_is_1_where_a_promise_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_report("all well", [count("lost", 0, 0), Measurement("told", "3")]) == 0
    assert print_report("not well", [count("lost", 1, 0)]) == 1
    assert capsys.readouterr().out.count("BROKEN") == 1
