"""What is kept of events that nobody has read yet."""

from __future__ import annotations

from gramarye.client.event_queues import Mailboxes
from gramarye_protocol.messages import Done, Event, Preview, Progress, Queued, Started
from support.peers import noise_layer


def _progress(step: int) -> Progress:
    return Progress("a", step, 100, 1, 1, 1.0, 1.0, -1.0)


def _taken(boxes: Mailboxes, job: str) -> list[Event]:
    return list(iter(lambda: boxes.take(job), None))


def test_of_progress_and_previews_the_latest_and_of_others_all_are_kept_in_order() -> None:
    boxes = Mailboxes()
    boxes.open("a")
    picture = noise_layer(4, 4, "RGB")
    ending = Done("a", "tiny", "cpu", 99, 1.0, 1.0)
    changes = [Queued("a", 1), Queued("a", 0), Started("a", "tiny", "cpu")]
    for event in changes:
        boxes.put(event)
    for step in range(100):
        boxes.put(_progress(step))
        boxes.put(Preview("a", step, picture))
    boxes.put(ending)
    assert _taken(boxes, "a") == [*changes, _progress(99), Preview("a", 99, picture), ending]


def test_events_of_jobs_that_nobody_reads_are_dropped() -> None:
    boxes = Mailboxes()
    boxes.put(_progress(1))
    boxes.open("a")
    boxes.put(_progress(2))
    boxes.close("a")
    boxes.put(_progress(3))
    boxes.open("a")
    assert _taken(boxes, "a") == []
