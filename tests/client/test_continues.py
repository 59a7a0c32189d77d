"""Tests of jobs that continue from the painting of an earlier job, with a real daemon."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gramarye import Client
from gramarye.client import Job
from gramarye.client.pixels import to_pixel_buffer
from gramarye.errors import GramaryeError, JobError, RefusedError
from gramarye_protocol.messages import Done, Progress
from gramarye_protocol.pixels import PixelBuffer
from support.homes import Home
from support.peers import noise_layer, red_stripes

QUICK: dict[str, Any] = {"network": "tiny", "steps": 8, "scales": 1}
ENDLESS: dict[str, Any] = {"network": "tiny", "steps": 100_000, "scales": 1, "optimiser": "adam"}
STYLE = red_stripes()


def _done(client: Client, layer: PixelBuffer, **options: Any) -> Job:
    job = client.submit(layer, [STYLE], **{**QUICK, **options})
    assert isinstance(list(job)[-1], Done)
    return job


def _levels(client: Client, job: Job) -> np.ndarray:
    return client.result(job.id).array.astype(int)


def test_a_continued_job_takes_a_quarter_of_the_steps_and_keeps_its_recipe(client: Client) -> None:
    layer = noise_layer(40, 32, "RGB")
    first = _done(client, layer)
    job = client.submit(layer, [STYLE], continues=first, content_weight=90.0, **QUICK)
    events = list(job)
    assert {event.total for event in events if isinstance(event, Progress)} == {2}
    assert isinstance(events[-1], Done)
    assert events[-1].steps == 2
    recipe = job.result().recipe
    assert (recipe["steps"], recipe["init"], recipe["content_weight"]) == (8, "content", 90.0)
    assert client.status(job.id).jobs[0].total == 2


def test_the_loss_continues_to_fall(client: Client) -> None:
    layer = noise_layer(40, 32, "RGB")
    first = _done(client, layer, steps=40, margin=0)  # the painted margin is not kept
    second = _done(client, layer, steps=40, margin=0, continues=first.id)
    assert isinstance(first.ending, Done)
    assert isinstance(second.ending, Done)
    assert second.ending.steps == 10
    assert second.ending.loss < first.ending.loss


@pytest.mark.parametrize("named", ["job", "id", "painting"])
def test_a_job_its_id_and_its_painting_give_the_same_start(client: Client, named: str) -> None:
    layer = noise_layer(24, 20, "RGB")
    first = _done(client, layer)
    start = {"job": first, "id": first.id, "painting": client.result(first.id)}[named]
    apart = np.abs(_levels(client, _done(client, layer, continues=start, steps=0)) - _levels(client, first))
    assert apart.max() <= 1, "of 255: a value between two levels may be rounded either way"
    assert (apart > 0).mean() < 0.01


def test_it_starts_from_the_painting_before_colours_and_alpha_were_restored(client: Client) -> None:
    """Original colours, grey and hidden pixels are restored at the end of every job."""
    layer = noise_layer(40, 32, "RGBA")
    plain, kept = _done(client, layer), _done(client, layer, colour="layer")
    assert np.abs(_levels(client, plain) - _levels(client, kept)).max() > 20
    back = _levels(client, _done(client, layer, continues=kept, steps=0))
    assert np.abs(back - _levels(client, plain)).max() <= 1
    again = _levels(client, _done(client, layer, continues=plain, steps=0, colour="layer"))
    assert np.abs(again - _levels(client, kept)).max() <= 1


def test_a_small_painting_is_enlarged_onto_its_layer(client: Client) -> None:
    rows, columns = np.mgrid[:74, :99]
    smooth = np.stack([80 + rows, 60 + columns, 120 + rows - columns // 2], axis=-1).astype(np.uint8)
    large = Image.fromarray(smooth)
    small = large.resize((33, 25), Image.Resampling.BOX)
    first = _done(client, to_pixel_buffer(small))
    painted = _levels(client, first)
    enlarged = client.result(_done(client, to_pixel_buffer(large), continues=first, steps=0).id).image
    assert enlarged.size == (99, 74)
    again = np.asarray(enlarged.resize((33, 25), Image.Resampling.BOX)).astype(int)
    assert np.abs(again - painted).mean() < 0.2 * np.abs(np.asarray(small).astype(int) - painted).mean()


def test_a_job_without_steps_is_continued_from_its_layer(client: Client) -> None:
    layer = noise_layer(24, 20, "RGBA")
    first = _done(client, layer, steps=0)
    assert np.array_equal(_levels(client, _done(client, layer, continues=first, steps=0)), _levels(client, first))


def test_adam_takes_all_steps_of_a_continued_job(client: Client) -> None:
    layer = noise_layer(24, 20, "RGB")
    first = _done(client, layer, steps=160, optimiser="adam", learning_rate=0.001)
    job = client.submit(layer, [STYLE], continues=first, **{**QUICK, "steps": 160}, optimiser="adam")
    steps = [event.step for event in job if isinstance(event, Progress)]
    assert steps[-1] == 40
    assert client.status(job.id).jobs[0].step == 40


def _refusal(client: Client, layer: PixelBuffer, **options: Any) -> GramaryeError:
    with pytest.raises(RefusedError) as caught:
        client.submit(layer, [STYLE], **{**QUICK, **options})
    assert caught.value.hint
    return caught.value


def test_jobs_that_cannot_be_continued_are_refused_with_a_reason(client: Client) -> None:
    layer = noise_layer(24, 20, "RGB")
    first = _done(client, layer)
    running = client.submit(layer, [STYLE], **ENDLESS)
    refused = {
        "unknown": _refusal(client, layer, continues="nosuch"),
        "running": _refusal(client, layer, continues=running),
        "proportions": _refusal(client, noise_layer(24, 30, "RGB"), continues=first),
        "start too": _refusal(client, layer, continues=first, start=layer),
    }
    client.cancel(running.id)
    with pytest.raises(JobError):
        running.result()
    refused["cancelled"] = _refusal(client, layer, continues=running)
    assert {error.code for error in refused.values()} == {"continues-unfit"}
    assert "24 x 20 pixels, the layer 24 x 30" in refused["proportions"].message
    assert "not both" in refused["start too"].message
    assert "is cancelled" in refused["cancelled"].message


def test_a_painting_missing_from_the_disk_is_refused(client: Client, shared_home: Home) -> None:
    layer = noise_layer(24, 20, "RGB")
    first = _done(client, layer)
    folder = shared_home.root / "state" / "spool" / first.id
    assert sorted(path.name for path in folder.iterdir()) == ["painting", "result"]
    shutil.rmtree(folder)
    assert _refusal(client, layer, continues=first).code == "continues-unfit"


def test_a_continued_painting_serves_as_the_start_for_init_picture(client: Client) -> None:
    layer = noise_layer(24, 20, "RGB")
    first = _done(client, layer)
    assert isinstance(_done(client, layer, continues=first, init="picture").ending, Done)
