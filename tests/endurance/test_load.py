"""A small crowd for half a minute, and that its book keeper would notice what must not be."""

from __future__ import annotations

import sys

import pytest

from endurance.load import load
from endurance.results import ResultRecorder, Results
from endurance.workload import layer, plan_jobs
from gramarye_protocol.messages import Cancelled, Done, Progress

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_crowd_loses_nothing() -> None:
    measurements = load(minutes=0.3, clients=40, jobs=120, seed=1)
    assert [str(measurement) for measurement in measurements if not measurement.is_kept] == []
    assert {measurement.name: measurement.value for measurement in measurements}["jobs accepted"] == "120"


def test_a_job_without_an_ending_is_lost_and_one_with_two_is_duplicated() -> None:
    recorder = ResultRecorder()
    for job in ("well", "lost", "twice"):
        recorder.record_accepted(job)
        recorder.record_event(Progress(job, 1, 2, 1, 1, 0.5, 0.5, 1.0))
    for job in ("well", "twice"):
        recorder.record_event(Done(job, "tiny", "cpu", 1, 0.5, 0.1))
    recorder.record_event(Cancelled("twice"))
    recorder.record_fetched(is_correct=True)
    recorder.record_fetched(is_correct=False)
    assert recorder.results() == Results(accepted=3, done=2, fetched=2, lost=1, duplicated=1, wrong=1)


def test_one_name_for_two_jobs_and_an_ending_of_nobodys_are_noticed() -> None:
    recorder = ResultRecorder()
    for job in ("same", "same"):
        recorder.record_accepted(job)
    recorder.record_event(Done("same", "tiny", "cpu", 1, 0.5, 0.1))
    recorder.record_event(Cancelled("stranger"))
    assert recorder.results() == Results(accepted=2, done=1, duplicated=1, unknown_jobs=1)


def test_tallies_of_several_crowds_add_up() -> None:
    assert Results(accepted=1, lost=2) + Results(accepted=3, wrong=1) == Results(accepted=4, lost=2, wrong=1)


def test_errands_are_those_of_their_seed_and_within_their_time() -> None:
    first, again, other = plan_jobs(50, 9.0, 1), plan_jobs(50, 9.0, 1), plan_jobs(50, 9.0, 2)
    assert first == again != other
    assert all(0 <= planned_job.at <= 9.0 for planned_job in first)
    assert len({bytes(planned_job.layer.data) for planned_job in first if planned_job.kind == "untouched"}) > 10
    assert layer(3) == layer(3) != layer(4)
