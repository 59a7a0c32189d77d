"""`JobView`: events follow the transition table; late events and those of other jobs change nothing."""

from __future__ import annotations

import itertools

import pytest

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING, TRANSITIONS, JobView
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Preview, Progress, Queued, Started
from gramarye_protocol.pixels import PixelBuffer

PIXELS = PixelBuffer(1, 1, "RGB", "u8", b"abc")
EVENTS: dict[str, Event] = {
    QUEUED: Queued("j", 2),
    RUNNING: Started("j", "draft", "cpu"),
    DONE: Done("j", "draft", "cpu", 10, 0.5, 1.0),
    FAILED: Failed("j", "worker-died", "It died.", "Paint again."),
    CANCELLED: Cancelled("j"),
}


@pytest.mark.parametrize(("state", "then"), list(itertools.product(TRANSITIONS, EVENTS)))
def test_transitions_follow_the_table(state: str, then: str) -> None:
    view = JobView("j", state).after(EVENTS[then])
    assert view.state == (then if then in TRANSITIONS[state] else state)


def test_events_fill_the_view() -> None:
    progress = Progress("j", 3, 9, 1, 1, 0.5, 0.4, 2.0)
    view = JobView("j").after(Queued("j", 2))
    assert view.position == 2
    view = view.after(EVENTS[RUNNING]).after(progress).after(Preview("j", 3, PIXELS))
    assert (view.progress, view.preview, view.is_ended) == (progress, PIXELS, False)
    done = EVENTS[DONE]
    view = view.after(done)
    assert (view.done, view.is_ended, view.preview) == (done, True, PIXELS)
    assert view.after(progress) is view


def test_a_failure_is_kept() -> None:
    assert JobView("j", RUNNING).after(EVENTS[FAILED]).failure == EVENTS[FAILED]


def test_other_jobs_events_change_nothing() -> None:
    view = JobView("other")
    assert all(view.after(event) is view for event in EVENTS.values())
