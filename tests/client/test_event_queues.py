"""Tests of the queues of unread events."""

from __future__ import annotations

from gramarye.client.event_queues import EventQueues
from gramarye_protocol.messages import Done, Event, Preview, Progress, Queued, Started
from support.peers import noise_layer


def _progress(step: int) -> Progress:
    return Progress("a", step, 100, 1, 1, 1.0, 1.0, -1.0)


def _drain(queues: EventQueues, job: str) -> list[Event]:
    return list(iter(lambda: queues.take(job), None))


def test_only_the_latest_progress_and_preview_are_kept_and_all_other_events_in_order() -> None:
    queues = EventQueues()
    queues.open("a")
    picture = noise_layer(4, 4, "RGB")
    ending = Done("a", "tiny", "cpu", 99, 1.0, 1.0)
    changes = [Queued("a", 1), Queued("a", 0), Started("a", "tiny", "cpu")]
    for event in changes:
        queues.put(event)
    for step in range(100):
        queues.put(_progress(step))
        queues.put(Preview("a", step, picture))
    queues.put(ending)
    assert _drain(queues, "a") == [*changes, _progress(99), Preview("a", 99, picture), ending]


def test_events_of_unwatched_jobs_are_dropped() -> None:
    queues = EventQueues()
    queues.put(_progress(1))
    queues.open("a")
    queues.put(_progress(2))
    queues.close("a")
    queues.put(_progress(3))
    queues.open("a")
    assert _drain(queues, "a") == []
