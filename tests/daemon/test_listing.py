"""Lists of jobs: they fit into one message, however many jobs there are, and their steps agree with their totals."""

from __future__ import annotations

from dataclasses import replace

from gramarye.daemon.listing import fit_in_message
from gramarye_protocol.codec import dump_json, encode
from gramarye_protocol.frames import MAX_JSON
from gramarye_protocol.messages import Done, JobList, JobSummary, Progress, Status
from support.homes import Home
from support.peers import Peer, noise_layer, small_submit


def _job(number: int, state: str, title: str) -> JobSummary:
    return JobSummary(f"{number:012x}", title, state, created=1.5e9 + number)


def test_few_jobs_are_all_listed_in_order() -> None:
    jobs = [_job(number, state, "t") for number, state in enumerate(["done", "queued", "failed", "running"])]
    assert fit_in_message(jobs) == tuple(jobs)


def test_those_that_ended_first_give_way_to_the_queue_and_to_later_ones() -> None:
    title = "\N{SNOWMAN}" * 200
    jobs = [_job(number, "done", title) for number in range(900)]
    jobs += [_job(900 + number, "queued", title) for number in range(300)]
    listed = fit_in_message(jobs)
    assert len(dump_json(encode(JobList(listed, "gramarye 99.99.99", 1 << 30, 1e12), []))) < MAX_JSON
    assert listed == tuple(jobs[-len(listed) :])
    assert 300 < len(listed) < 1200


def test_the_front_of_a_queue_too_long_for_a_message_is_listed() -> None:
    jobs = [_job(number, "queued", "\N{PARTY POPPER}" * 200) for number in range(1000)]
    listed = fit_in_message(jobs)
    assert listed == tuple(jobs[: len(listed)])
    assert len(listed) > 300


def test_a_thousand_waiting_jobs_and_as_many_ended_ones_of_common_titles_are_all_listed() -> None:
    jobs = [_job(number, "done" if number < 1000 else "queued", "photo.png in swirls") for number in range(2024)]
    assert fit_in_message(jobs) == tuple(jobs)


def test_the_steps_of_the_sketch_are_part_of_the_total(home: Home) -> None:
    home.start_daemon()
    layer = noise_layer(180, 120, "RGB")  # large enough for a sketch
    with Peer(home) as peer:
        peer.ask(replace(small_submit(steps=3, sketch=4), pixels=layer))
        progress = peer.await_kind(Progress)
        peer.await_kind(Done)
        listed = peer.ask(Status())
    assert isinstance(listed, JobList)
    (job,) = listed.jobs
    assert progress.total == 7
    assert (job.step, job.total) == (7, 7)
