"""Small paintings one after the other, as GIMP's dialog has them made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gramarye_gimp.daemon.blocking_run import reach
from gramarye_gimp.daemon.connection import Daemon
from gramarye_gimp.daemon.queue import Series, Watcher
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Refused, Result, StyleInput, Submit, WatchOptions
from support.homes import Home, use_home
from support.peers import noise_layer

STYLE = StyleInput(noise_layer(32, 32, "RGB"))


class RecordingListener(Watcher):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.formed: set[int] = set()
        self.came: list[tuple[int, str]] = []
        self.refused: list[Refused] = []

    def on_progress(self, place: int, _view: JobView) -> None:
        self.formed.add(place)

    def on_painted(self, place: int, result: Result) -> None:
        self.came.append((place, result.title))

    def on_failed(self, refused: Refused) -> None:
        self.refused.append(refused)


@pytest.fixture
def daemon(tmp_path: Path, shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    use_home(shared_home, monkeypatch)
    made = Daemon("test", str(tmp_path))
    made.seek()
    reach(made)
    yield made
    made.close()


def one(title: str, steps: int = 2, network: str = "") -> Submit:
    recipe = {"steps": steps, "sketch": 0, "optimiser": "adam"}
    watch = WatchOptions(ends_with_client=True)  # as GIMP's jobs do: one that is left would hold up all that come after
    return Submit(noise_layer(24, 24, "RGBA"), (STYLE,), recipe=recipe, network=network, title=title, watch=watch)


def turned(daemon: Daemon, series: Series, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        daemon.move(0.02)
        series.turn()


def test_each_is_painted_after_the_one_before(daemon: Daemon) -> None:
    seen = RecordingListener()
    series = Series(daemon, [one("first"), one("second"), one("third")], seen)
    turned(daemon, series, lambda: series.ended)
    assert seen.came == [(0, "first"), (1, "second"), (2, "third")]
    assert seen.formed == {0, 1, 2}
    assert seen.refused == []


def test_after_one_that_is_refused_there_are_no_others(daemon: Daemon) -> None:
    seen = RecordingListener()
    series = Series(daemon, [one("first"), one("second", network="no-such-network"), one("third")], seen)
    turned(daemon, series, lambda: series.ended)
    assert seen.came == [(0, "first")]
    assert [refused.code for refused in seen.refused] == ["unknown-network"]


def test_stopped_it_cancels_the_one_that_forms_and_begins_no_other(daemon: Daemon) -> None:
    seen = RecordingListener()
    series = Series(daemon, [one("endless", steps=100_000), one("never")], seen)
    turned(daemon, series, lambda: 0 in seen.formed)
    series.stop()
    assert series.ended
    again = RecordingListener()
    after = Series(daemon, [one("after")], again)
    turned(daemon, after, lambda: after.ended)  # the queue is free
    assert (seen.came, again.came) == ([], [(0, "after")])


def test_a_daemon_that_has_gone_is_told_of(daemon: Daemon) -> None:
    seen = RecordingListener()
    series = Series(daemon, [one("endless", steps=100_000)], seen)
    turned(daemon, series, lambda: 0 in seen.formed)
    daemon.trouble = Refused("daemon-lost", "The daemon has ended.", "")
    series.turn()
    assert [refused.code for refused in seen.refused] == ["daemon-lost"]
    series.stop()
    daemon.trouble = None
