"""A small crowd for half a minute, and that its book keeper would notice what must not be."""

from __future__ import annotations

import sys

import pytest

from endurance.load import load
from endurance.results import Book, Tally
from endurance.workload import errands, layer
from gramarye_protocol.messages import Cancelled, Done, Progress

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_crowd_loses_nothing() -> None:
    figures = load(minutes=0.3, clients=40, jobs=120, seed=1)
    assert [str(figure) for figure in figures if not figure.is_kept] == []
    assert {figure.name: figure.value for figure in figures}["jobs accepted"] == "120"


def test_a_job_without_an_ending_is_lost_and_one_with_two_is_duplicated() -> None:
    book = Book()
    for job in ("well", "lost", "twice"):
        book.accept(job)
        book.hear(Progress(job, 1, 2, 1, 1, 0.5, 0.5, 1.0))
    for job in ("well", "twice"):
        book.hear(Done(job, "tiny", "cpu", 1, 0.5, 0.1))
    book.hear(Cancelled("twice"))
    book.fetch(is_right=True)
    book.fetch(is_right=False)
    assert book.tally() == Tally(accepted=3, done=2, fetched=2, lost=1, duplicated=1, wrong=1)


def test_one_name_for_two_jobs_and_an_ending_of_nobodys_are_noticed() -> None:
    book = Book()
    for job in ("same", "same"):
        book.accept(job)
    book.hear(Done("same", "tiny", "cpu", 1, 0.5, 0.1))
    book.hear(Cancelled("stranger"))
    assert book.tally() == Tally(accepted=2, done=1, duplicated=1, strangers=1)


def test_tallies_of_several_crowds_add_up() -> None:
    assert Tally(accepted=1, lost=2) + Tally(accepted=3, wrong=1) == Tally(accepted=4, lost=2, wrong=1)


def test_errands_are_those_of_their_seed_and_within_their_time() -> None:
    first, again, other = errands(50, 9.0, 1), errands(50, 9.0, 1), errands(50, 9.0, 2)
    assert first == again != other
    assert all(0 <= errand.at <= 9.0 for errand in first)
    assert len({bytes(errand.layer.data) for errand in first if errand.kind == "untouched"}) > 10
    assert layer(3) == layer(3) != layer(4)
