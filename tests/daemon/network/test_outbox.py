"""A slow client gets fewer previews but all changes of state in order, and its queue is bounded."""

from __future__ import annotations

from gramarye.daemon.network.outbox import MAX_WAITING, Outbox, OutgoingMessage
from gramarye_protocol.messages import Cancelled, Done, Message, Preview, Progress, Queued, Started, Status
from gramarye_protocol.pixels import PixelBuffer

PIXELS = PixelBuffer(1, 1, "RGB", "u8", b"abc")


def _progress(step: int, job: str = "j") -> Progress:
    return Progress(job, step, 100, 1, 1, 0.5, 0.5, 1.0)


def _drain(outbox: Outbox) -> list[Message]:
    messages = []
    while (outgoing := outbox.take()) is not None:
        messages.append(outgoing.message)
    return messages


def test_only_the_latest_progress_and_preview_of_a_job_wait() -> None:
    outbox = Outbox()
    for step in range(1000):
        assert outbox.put(OutgoingMessage(_progress(step)))
        assert outbox.put(OutgoingMessage(Preview("j", step, PIXELS)))
    assert _drain(outbox) == [_progress(999), Preview("j", 999, PIXELS)]


def test_jobs_do_not_displace_each_other() -> None:
    outbox = Outbox()
    outbox.put(OutgoingMessage(_progress(1, "a")))
    outbox.put(OutgoingMessage(_progress(2, "b")))
    assert _drain(outbox) == [_progress(1, "a"), _progress(2, "b")]


def test_the_order_around_changes_of_state_is_kept() -> None:
    outbox = Outbox()
    done = Done("j", "n", "cpu", 9, 0.1, 1.0)
    for message in (Started("j", "n", "cpu"), _progress(1), done, _progress(2)):
        outbox.put(OutgoingMessage(message))
    assert _drain(outbox) == [Started("j", "n", "cpu"), _progress(1), done, _progress(2)]


def test_only_the_latest_position_of_each_job_waits() -> None:
    outbox = Outbox()
    for position in reversed(range(MAX_WAITING * 2)):
        assert outbox.put(OutgoingMessage(Queued("a", position)))
        assert outbox.put(OutgoingMessage(Queued("b", position + 1)))
    assert _drain(outbox) == [Queued("a", 0), Queued("b", 1)]


def test_replies_are_never_displaced() -> None:
    outbox = Outbox()
    for _ in range(3):
        outbox.put(OutgoingMessage(Status()))
    assert len(_drain(outbox)) == 3


def test_a_client_that_never_reads_is_dropped() -> None:
    outbox = Outbox()
    assert all(outbox.put(OutgoingMessage(Cancelled(f"j{number}"))) for number in range(MAX_WAITING))
    assert not outbox.put(OutgoingMessage(Cancelled("one too many")))
