"""Each client hears of a job as often as it asked to."""

from __future__ import annotations

from gramarye.daemon.subscriptions import Watchers
from gramarye.daemon.worker_pipe import PreviewRate, SizedPreview
from gramarye_protocol.messages import Cancelled, Preview, Progress, Watching
from gramarye_protocol.pixels import PixelBuffer

PIXELS = PixelBuffer(1, 1, "RGB", "u8", b"abc")


def _progress(step: int) -> Progress:
    return Progress("j", step, 100, 1, 1, 0.5, 0.5, 1.0)


def _sized(side: int, steps: int = 0) -> SizedPreview:
    return SizedPreview(side, steps, Preview("j", 1, PIXELS))


def test_progress_comes_at_each_clients_own_rate_and_the_last_always() -> None:
    watchers = Watchers()
    watchers.add("j", b"keen", Watching(progress_every=0.125))
    watchers.add("j", b"calm", Watching(progress_every=1.0))
    heard = {b"keen": 0, b"calm": 0}
    for tick in range(100):
        for client in watchers.recipients(_progress(tick), tick * 0.0625):
            heard[client] += 1
    assert heard == {b"keen": 50, b"calm": 7}
    assert set(watchers.recipients(_progress(100), 6.25)) == {b"keen", b"calm"}


def test_changes_of_state_come_to_all_watchers_of_the_job_alone() -> None:
    watchers = Watchers()
    watchers.add("j", b"a", Watching())
    watchers.add("other", b"b", Watching())
    assert watchers.recipients(Cancelled("j"), 0.0) == [b"a"]


def test_a_client_that_leaves_takes_the_jobs_with_it_that_it_said() -> None:
    watchers = Watchers()
    tied = Watching(ends_with_client=True)
    watchers.add("mine", b"a", tied)
    watchers.add("kept", b"a", Watching())
    watchers.add("mine", b"b", Watching())
    assert watchers.tied() == [("mine", b"a")]
    assert watchers.drop(b"a") == [("mine", tied), ("kept", Watching())]
    assert watchers.tied() == []
    assert watchers.drop(b"b") == [("mine", Watching())]


def test_previews_are_made_for_the_keenest_of_each_side() -> None:
    watchers = Watchers()
    watchers.add("j", b"a", Watching(preview_every=2.0, preview_side=256))
    watchers.add("j", b"b", Watching(preview_every=0.5, preview_side=256))
    watchers.add("j", b"c", Watching(preview_every=1.0, preview_side=64))
    watchers.add("j", b"d", Watching(preview_steps=10, preview_side=256))
    watchers.add("j", b"e", Watching())
    assert watchers.preview_rates("j") == (
        PreviewRate(64, 0, 1.0),
        PreviewRate(256, 0, 0.5),
        PreviewRate(256, 10, 0.0),
    )


def test_previews_go_to_those_who_asked_for_their_kind() -> None:
    watchers = Watchers()
    watchers.add("j", b"large", Watching(preview_every=0.5, preview_side=256))
    watchers.add("j", b"small", Watching(preview_every=0.5, preview_side=64))
    watchers.add("j", b"steps", Watching(preview_steps=10, preview_side=256))
    assert watchers.preview_recipients(_sized(256), 0.0) == [b"large"]
    assert watchers.preview_recipients(_sized(64), 0.0) == [b"small"]
    assert watchers.preview_recipients(_sized(256, 10), 0.0) == [b"steps"]
    assert watchers.preview_recipients(_sized(256), 0.1) == []


def test_a_client_that_is_gone_hears_nothing() -> None:
    watchers = Watchers()
    watchers.add("j", b"a", Watching(preview_every=1.0))
    watchers.drop(b"a")
    assert watchers.recipients(Cancelled("j"), 0.0) == []
    assert watchers.preview_rates("j") == ()
