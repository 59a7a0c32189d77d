"""`PaintQueue`, with which GIMP's dialog paints the variations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gramarye_gimp.daemon.blocking_run import wait_until_ready
from gramarye_gimp.daemon.connection import DaemonConnection
from gramarye_gimp.daemon.queue import PaintQueue, QueueListener
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Refused, Result, StyleInput, Submit, WatchOptions
from support.homes import Home, use_home
from support.peers import noise_layer

STYLE = StyleInput(noise_layer(32, 32, "RGB"))


class RecordingListener(QueueListener):
    """Records the callbacks."""

    def __init__(self) -> None:
        self.progressed: set[int] = set()
        self.finished: list[tuple[int, str]] = []
        self.refused: list[Refused] = []

    def on_progress(self, place: int, _view: JobView) -> None:
        self.progressed.add(place)

    def on_painted(self, place: int, result: Result) -> None:
        self.finished.append((place, result.title))

    def on_failed(self, refused: Refused) -> None:
        self.refused.append(refused)


@pytest.fixture
def daemon(tmp_path: Path, shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[DaemonConnection]:
    use_home(shared_home, monkeypatch)
    daemon_connection = DaemonConnection("test", str(tmp_path))
    daemon_connection.connect_or_start()
    wait_until_ready(daemon_connection)
    yield daemon_connection
    daemon_connection.close()


def small_submit(title: str, steps: int = 2, network: str = "tiny") -> Submit:
    recipe = {"steps": steps, "sketch": 0, "optimiser": "adam"}
    watch = WatchOptions(ends_with_client=True)  # as in GIMP's jobs; an abandoned job would delay the later ones
    return Submit(noise_layer(24, 24, "RGBA"), (STYLE,), recipe=recipe, network=network, title=title, watch=watch)


def tick_until(daemon: DaemonConnection, paint_queue: PaintQueue, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        daemon.poll(0.02)
        paint_queue.tick()


def test_jobs_are_painted_in_order(daemon: DaemonConnection) -> None:
    listener = RecordingListener()
    paint_queue = PaintQueue(daemon, [small_submit("first"), small_submit("second"), small_submit("third")], listener)
    tick_until(daemon, paint_queue, lambda: paint_queue.has_ended)
    assert listener.finished == [(0, "first"), (1, "second"), (2, "third")]
    assert listener.progressed == {0, 1, 2}
    assert listener.refused == []


def test_after_a_refused_job_no_others_are_painted(daemon: DaemonConnection) -> None:
    listener = RecordingListener()
    paint_queue = PaintQueue(
        daemon,
        [small_submit("first"), small_submit("second", network="no-such-network"), small_submit("third")],
        listener,
    )
    tick_until(daemon, paint_queue, lambda: paint_queue.has_ended)
    assert listener.finished == [(0, "first")]
    assert [refused.code for refused in listener.refused] == ["unknown-network"]


def test_stop_cancels_the_current_job_and_starts_no_other(daemon: DaemonConnection) -> None:
    listener = RecordingListener()
    paint_queue = PaintQueue(daemon, [small_submit("endless", steps=100_000), small_submit("never")], listener)
    tick_until(daemon, paint_queue, lambda: 0 in listener.progressed)
    paint_queue.stop()
    assert paint_queue.has_ended
    second_listener = RecordingListener()
    second_queue = PaintQueue(daemon, [small_submit("after")], second_listener)
    tick_until(daemon, second_queue, lambda: second_queue.has_ended)  # the daemon's queue is free
    assert (listener.finished, second_listener.finished) == ([], [(0, "after")])


def test_a_lost_daemon_is_reported(daemon: DaemonConnection) -> None:
    listener = RecordingListener()
    paint_queue = PaintQueue(daemon, [small_submit("endless", steps=100_000)], listener)
    tick_until(daemon, paint_queue, lambda: 0 in listener.progressed)
    daemon.refusal = Refused("daemon-lost", "The daemon has ended.", "")
    paint_queue.tick()
    assert [refused.code for refused in listener.refused] == ["daemon-lost"]
    paint_queue.stop()
    daemon.refusal = None
