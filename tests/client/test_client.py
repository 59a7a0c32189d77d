"""Tests of the Python client with a real daemon in another process."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gramarye import Client, Style
from gramarye.client.pixels import buffer_to_array, to_pixel_buffer
from gramarye.errors import DaemonError, InputError, JobError, RefusedError, WeightsError
from gramarye_protocol.messages import Cancelled, Done, Preview, Progress, Queued, Started, WatchOptions
from support.homes import Home
from support.peers import noise_layer, red_stripes

QUICK: dict[str, Any] = {"network": "tiny", "steps": 6, "scales": 1}
ENDLESS: dict[str, Any] = {"network": "tiny", "steps": 100_000, "scales": 1, "optimiser": "adam"}


def test_a_layer_is_painted_and_keeps_its_alpha(client: Client) -> None:
    layer = noise_layer(40, 32, "RGBA")
    events = list(job := client.submit(layer, [red_stripes()], **{**QUICK, "steps": 60}))
    assert [type(event) for event in events[:2]] == [Queued, Started]
    assert isinstance(events[-1], Done)
    painting = job.result()
    before, after = buffer_to_array(layer).astype(int), painting.array.astype(int)
    np.testing.assert_array_equal(after[..., 3], before[..., 3])
    hidden = before[..., 3] == 0
    np.testing.assert_array_equal(after[hidden], before[hidden])
    assert np.abs(after[~hidden] - before[~hidden])[..., :3].mean() > 1
    assert painting.recipe["steps"] == 60


def test_zero_steps_return_the_layer_bit_for_bit(client: Client) -> None:
    layer = noise_layer(33, 17, "BGRA")
    painting = client.paint(layer, [noise_layer(16, 16, "RGB")], network="tiny", steps=0)
    assert bytes(painting.pixels.data) == bytes(layer.data)


def test_equal_seeds_give_equal_paintings(client: Client) -> None:
    layer, style = noise_layer(32, 32, "RGB"), noise_layer(24, 24, "RGB")
    first, second, other = (
        bytes(client.paint(layer, [style], init="noise", seed=seed, **QUICK).pixels.data) for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


def test_arrays_images_and_files_are_painted_alike(client: Client, tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    Image.fromarray(array).save(tmp_path / "layer.png")
    style = noise_layer(16, 16, "RGB")
    paintings = [
        client.paint(pixels, [style], **QUICK).array
        for pixels in (array, Image.fromarray(array), tmp_path / "layer.png", str(tmp_path / "layer.png"))
    ]
    assert all(np.array_equal(paintings[0], painting) for painting in paintings)


def test_progress_and_previews_arrive_at_the_requested_rate(client: Client) -> None:
    watch = WatchOptions(progress_every=0.02, preview_side=16, preview_steps=2)
    layer = noise_layer(48, 32, "RGB")
    events = list(client.submit(layer, [layer], watch=watch, **QUICK))
    previews = [event for event in events if isinstance(event, Preview)]
    progress = [event for event in events if isinstance(event, Progress)]
    assert [preview.step for preview in previews] == [2, 4, 6]
    assert (previews[0].pixels.width, previews[0].pixels.layout) == (16, "RGB")
    assert (progress[-1].step, progress[-1].total) == (6, 6)
    assert progress[-1].best_loss <= progress[0].loss


def test_several_styles_with_weights_and_scales(client: Client) -> None:
    layer = noise_layer(32, 32, "RGB")
    styles = [Style(noise_layer(24, 24, "RGB"), weight=2.0), Style(noise_layer(40, 20, "RGB"), scale=0.75)]
    assert client.paint(layer, styles, **QUICK).pixels.width == 32


def test_a_second_client_sees_and_stops_the_first_ones_job(client: Client) -> None:
    layer = noise_layer(32, 32, "RGB")
    job = client.submit(layer, [layer], title="mine ✓", **ENDLESS)
    with Client(start=False) as second:
        summary = second.status(job.id).jobs[0]
        assert (summary.title, summary.total) == ("mine ✓", 100_000)
        events = iter(second.watch(job.id))
        next(events)
        second.cancel(job.id)
        assert any(isinstance(event, Cancelled) for event in events)
    with pytest.raises(JobError) as caught:
        job.result()
    assert caught.value.code == "job-cancelled"


def test_two_jobs_of_one_client_do_not_mix_their_events(client: Client) -> None:
    layer = noise_layer(32, 32, "RGB")
    jobs = [client.submit(layer, [layer], **QUICK) for _ in range(2)]
    for job in reversed(jobs):
        assert {event.job for event in job} == {job.id}


def test_refusals_keep_their_code(client: Client) -> None:
    layer = noise_layer(32, 32, "RGB")
    with pytest.raises(RefusedError) as refused:
        client.submit(layer, [layer], no_such_value=1)
    assert refused.value.code == "recipe-unknown-field"
    with pytest.raises(WeightsError) as unknown:
        client.submit(layer, [layer], network="nosuch")
    assert unknown.value.code == "unknown-network"
    with pytest.raises(JobError) as missing:
        client.status("nosuch")
    assert missing.value.code == "job-unknown"
    with pytest.raises(JobError) as failed:
        client.paint(layer, [layer], content_layers=["relu5_4"], **QUICK)
    assert failed.value.code == "network-too-shallow"


def test_a_client_has_one_reader_per_job(client: Client) -> None:
    layer = noise_layer(32, 32, "RGB")
    job = client.submit(layer, [layer], **QUICK)
    again = client.watch(job.id)
    assert again is job
    assert isinstance(list(again)[-1], Done)
    assert job.ending is not None
    assert list(job) == []
    assert job.result().pixels.width == 32
    assert [type(event) for event in client.watch(job.id)] == [Done]


def test_waiting_for_a_job_that_is_not_watched_is_an_error(client: Client) -> None:
    with pytest.raises(JobError) as caught:
        client.next_event("nosuch")
    assert caught.value.code == "job-unknown"


def test_known_styles_have_thumbnails(client: Client, shared_home: Home) -> None:
    folder = shared_home.root / "data" / "styles"
    folder.mkdir(parents=True)
    Image.new("RGB", (300, 200), "red").save(folder / "my-red.png")
    entry = {entry.name: entry for entry in client.styles().styles}["my-red"]
    assert (entry.title, entry.thumbnail.width, entry.thumbnail.height) == ("my red", 128, 85)
    assert client.paint(noise_layer(20, 20, "RGB"), [Style(name="my-red")], **QUICK).pixels.width == 20


def test_a_killed_daemon_is_followed_by_another_that_goes_on_with_the_job(home: Home) -> None:
    daemon = home.start_daemon()
    layer = noise_layer(32, 32, "RGB")
    with Client() as client:
        job = client.submit(layer, [layer], **{**ENDLESS, "steps": 300})
        events = iter(job)
        while not isinstance(next(events), Progress):
            pass
        daemon.kill()
        daemon.wait()
        assert [event for event in events if isinstance(event, Done)] == [job.ending]
        assert job.result().pixels.width == 32
        client.shutdown()


def test_a_killed_daemon_ends_the_wait_with_an_error_if_none_may_be_started(home: Home) -> None:
    daemon = home.start_daemon()
    layer = noise_layer(32, 32, "RGB")
    with Client(start=False) as client:
        job = client.submit(layer, [layer], **ENDLESS)
        threading.Timer(0.5, daemon.kill).start()
        with pytest.raises(DaemonError) as caught:
            list(job)
    assert caught.value.code == "daemon-lost"


def test_without_a_daemon_the_error_is_no_daemon_even_if_its_file_is_left(home: Home) -> None:
    with pytest.raises(DaemonError) as caught:
        Client(start=False)
    assert caught.value.code == "no-daemon"
    daemon = home.start_daemon()
    daemon.kill()
    daemon.wait()
    assert home.connection_file.exists()
    with pytest.raises(DaemonError) as again:
        Client(start=False)
    assert again.value.code == "no-daemon"


def test_a_daemon_killed_before_it_answers_counts_as_no_daemon(home: Home) -> None:
    daemon = home.start_daemon()
    daemon.send_signal(signal.SIGSTOP)  # its port still accepts connections
    threading.Timer(1.0, daemon.kill).start()
    with pytest.raises(DaemonError) as caught:
        Client(start=False)
    assert caught.value.code == "no-daemon"


def test_a_client_that_never_reads_does_not_slow_others_down(client: Client) -> None:
    layer = noise_layer(320, 320, "RGB")
    watch = WatchOptions(preview_side=320, preview_steps=1)
    with Client(start=False) as sleeper:
        job = sleeper.submit(
            layer, [layer], watch=watch, content_layers=["relu1_1"], style_layers=["relu1_1"], **ENDLESS
        )
        answers = 0
        while client.status(job.id).jobs[0].step < 100:  # 30 MB of previews, more than the buffers can hold
            answers += 1
        client.cancel(job.id)
        events = list(job)
    assert answers > 10
    previews = [event.step for event in events if isinstance(event, Preview)]
    assert 0 < len(previews) < 90
    assert previews == sorted(previews)
    assert isinstance(events[-1], Cancelled)


@pytest.mark.parametrize("array", [np.zeros((4, 4, 5), np.uint8), np.zeros(4, np.uint8), np.zeros((0, 4, 3), np.uint8)])
def test_arrays_that_are_no_pictures_are_refused(array: np.ndarray) -> None:
    with pytest.raises(InputError) as caught:
        to_pixel_buffer(array)
    assert caught.value.code == "array-shape"


def test_an_array_of_another_type_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        to_pixel_buffer(np.zeros((4, 4, 3)))
    assert caught.value.code == "array-dtype"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32, ">u2", ">f4"])
def test_arrays_of_every_depth_become_buffers_and_come_back(dtype: str) -> None:
    array = (np.arange(2 * 3 * 4) / 3).reshape(2, 3, 4).astype(dtype)
    np.testing.assert_array_equal(buffer_to_array(to_pixel_buffer(array)), array)
