"""Each client gets a job's events at the rates that it asked for."""

from __future__ import annotations

from gramarye.daemon.job_spec import PreviewRate
from gramarye.daemon.subscriptions import Subscriptions
from gramarye.daemon.worker_pipe import SizedPreview
from gramarye_protocol.messages import Cancelled, Preview, Progress, WatchOptions
from gramarye_protocol.pixels import PixelBuffer

PIXELS = PixelBuffer(1, 1, "RGB", "u8", b"abc")


def _progress(step: int) -> Progress:
    return Progress("j", step, 100, 1, 1, 0.5, 0.5, 1.0)


def _sized(side: int, steps: int = 0) -> SizedPreview:
    return SizedPreview(side, steps, Preview("j", 1, PIXELS))


def test_progress_is_sent_at_each_clients_rate_and_the_last_always() -> None:
    subscriptions = Subscriptions()
    subscriptions.add("j", b"keen", WatchOptions(progress_every=0.125))
    subscriptions.add("j", b"calm", WatchOptions(progress_every=1.0))
    heard = {b"keen": 0, b"calm": 0}
    for tick in range(100):
        for client in subscriptions.recipients(_progress(tick), tick * 0.0625):
            heard[client] += 1
    assert heard == {b"keen": 50, b"calm": 7}
    assert set(subscriptions.recipients(_progress(100), 6.25)) == {b"keen", b"calm"}


def test_changes_of_state_go_to_all_watchers_of_the_job_only() -> None:
    subscriptions = Subscriptions()
    subscriptions.add("j", b"a", WatchOptions())
    subscriptions.add("other", b"b", WatchOptions())
    assert subscriptions.recipients(Cancelled("j"), 0.0) == [b"a"]


def test_the_jobs_of_a_client_that_leaves_are_returned() -> None:
    subscriptions = Subscriptions()
    tied = WatchOptions(ends_with_client=True)
    subscriptions.add("mine", b"a", tied)
    subscriptions.add("kept", b"a", WatchOptions())
    subscriptions.add("mine", b"b", WatchOptions())
    assert subscriptions.client_bound_jobs() == [("mine", b"a")]
    assert subscriptions.remove_client(b"a") == [("mine", tied), ("kept", WatchOptions())]
    assert subscriptions.client_bound_jobs() == []
    assert subscriptions.remove_client(b"b") == [("mine", WatchOptions())]


def test_previews_of_each_side_are_made_at_the_shortest_period() -> None:
    subscriptions = Subscriptions()
    subscriptions.add("j", b"a", WatchOptions(preview_every=2.0, preview_side=256))
    subscriptions.add("j", b"b", WatchOptions(preview_every=0.5, preview_side=256))
    subscriptions.add("j", b"c", WatchOptions(preview_every=1.0, preview_side=64))
    subscriptions.add("j", b"d", WatchOptions(preview_steps=10, preview_side=256))
    subscriptions.add("j", b"e", WatchOptions())
    assert subscriptions.preview_rates("j") == (
        PreviewRate(64, 0, 1.0),
        PreviewRate(256, 0, 0.5),
        PreviewRate(256, 10, 0.0),
    )


def test_previews_go_to_the_clients_that_want_their_side_and_interval() -> None:
    subscriptions = Subscriptions()
    subscriptions.add("j", b"large", WatchOptions(preview_every=0.5, preview_side=256))
    subscriptions.add("j", b"small", WatchOptions(preview_every=0.5, preview_side=64))
    subscriptions.add("j", b"steps", WatchOptions(preview_steps=10, preview_side=256))
    assert subscriptions.preview_recipients(_sized(256), 0.0) == [b"large"]
    assert subscriptions.preview_recipients(_sized(64), 0.0) == [b"small"]
    assert subscriptions.preview_recipients(_sized(256, 10), 0.0) == [b"steps"]
    assert subscriptions.preview_recipients(_sized(256), 0.1) == []


def test_a_client_that_has_left_gets_nothing() -> None:
    subscriptions = Subscriptions()
    subscriptions.add("j", b"a", WatchOptions(preview_every=1.0))
    subscriptions.remove_client(b"a")
    assert subscriptions.recipients(Cancelled("j"), 0.0) == []
    assert subscriptions.preview_rates("j") == ()
