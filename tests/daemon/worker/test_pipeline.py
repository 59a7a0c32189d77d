"""The inputs of sketch and painting: both have the same colours, measured on the layer's visible pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.support import engine_network
from gramarye.colour import oklab
from gramarye.daemon.worker import pipeline as pipeline
from gramarye.daemon.worker.pipeline import LoadedJob, WorkerResources, convert_colours, paint_job
from gramarye.engine.images.iterate import Iterate
from gramarye.engine.paint import StyleInput
from gramarye.engine.recipe import Recipe
from gramarye.pixels.layer import to_picture
from gramarye.pixels.result import ResultCompositor
from gramarye_protocol.pixels import PixelBuffer
from reference.vgg import random_network

SIDE = 192
"""Large enough for a sketch (`MIN_SKETCHED_SIDE`)."""


def layer(alpha: int = 255) -> PixelBuffer:
    values = np.random.default_rng(1).integers(60, 190, (SIDE, SIDE, 4)).astype(np.uint8)
    values[..., 0] = np.minimum(values[..., 0] + 60, 255)
    values[..., 3] = 255
    values[SIDE // 2 :] = (0, 255, 0, alpha)
    return PixelBuffer(SIDE, SIDE, "RGBA", "u8", values.tobytes())


STYLE = np.random.default_rng(2).uniform(0.1, 0.9, (40, 50, 3)).astype(np.float32)


def make_job(colour: str, pixels: PixelBuffer | None = None, **values: Any) -> LoadedJob:
    recipe = Recipe.from_dict({"colour": colour, "steps": 2, "sketch": 2, "scales": 1, "margin": 0, **values})
    network = engine_network(random_network())
    draft = replace(engine_network(random_network(seed=3)), name="draft")
    return LoadedJob(
        layer() if pixels is None else pixels,
        [StyleInput(STYLE)],
        recipe,
        network,
        WorkerResources("cpu", lambda _: draft),
    )


def chroma(picture: np.ndarray) -> float:
    return float(np.abs(oklab.from_srgb(picture.astype(np.float32))[..., 1:]).max())


def capture_inputs(monkeypatch: pytest.MonkeyPatch, job: LoadedJob) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Run the job; return the content and the first style that `sketch` and `paint` receive."""
    found = {}
    for name in ("sketch", "paint"):
        original = getattr(pipeline, name)

        def recorded(
            content: Any, styles: Any, *rest: Any, _of: Any = original, _name: str = name, **named: Any
        ) -> Iterator[Iterate]:
            found[_name] = (content, styles[0].picture)
            result: Iterator[Iterate] = _of(content, styles, *rest, **named)
            return result

        monkeypatch.setattr(pipeline, name, recorded)
    assert len(list(paint_job(job))) >= 4
    return found


def test_luminance_removes_chroma_for_sketch_and_painting(monkeypatch: pytest.MonkeyPatch) -> None:
    both = capture_inputs(monkeypatch, convert_colours(make_job("luminance"), None))
    assert sorted(both) == ["paint", "sketch"]
    for content, style in both.values():
        assert chroma(content) < 2e-3
        assert chroma(style) < 2e-3


def test_layer_before_recolours_the_style_for_sketch_and_painting(monkeypatch: pytest.MonkeyPatch) -> None:
    both = capture_inputs(monkeypatch, convert_colours(make_job("layer-before"), None))
    (content, style), (_, again) = both["paint"], both["sketch"]
    np.testing.assert_array_equal(style, again)
    assert not np.array_equal(style, STYLE)
    np.testing.assert_array_equal(content, to_picture(layer()))


@pytest.mark.parametrize("colour", ["style", "layer"])
def test_other_colour_modes_leave_the_inputs_unchanged(colour: str) -> None:
    job = make_job(colour)
    assert convert_colours(job, None) is job


@pytest.mark.parametrize("colour", ["layer-before", "luminance"])
def test_transparent_and_unselected_pixels_are_not_measured(colour: str) -> None:
    half = np.full((SIDE, SIDE), 255, np.uint8)
    half[SIDE // 2 :] = 0
    mask = PixelBuffer(SIDE, SIDE, "GRAY", "u8", half.tobytes())
    transparent = convert_colours(make_job(colour, layer(alpha=0)), None).styles[0].picture
    unselected = convert_colours(make_job(colour), mask).styles[0].picture
    np.testing.assert_allclose(unselected, transparent, atol=1e-6)
    assert np.abs(convert_colours(make_job(colour), None).styles[0].picture - transparent).max() > 0.05


def test_an_empty_selection_does_not_fail() -> None:
    nothing = PixelBuffer(SIDE, SIDE, "GRAY", "u8", bytes(SIDE * SIDE))
    job = convert_colours(make_job("layer-before"), nothing)
    assert np.isfinite(job.styles[0].picture).all()


def test_luminance_removes_the_chroma_of_the_start() -> None:
    start = np.random.default_rng(4).random((SIDE, SIDE, 3), np.float32)
    job = convert_colours(replace(make_job("luminance"), start=start), None)
    assert job.start is not None
    assert chroma(np.asarray(job.start)) < 2e-3


@pytest.mark.parametrize("space", ["oklab", "lab", "yuv"])
def test_luminance_restores_the_chroma_of_the_layer(space: str) -> None:
    job = convert_colours(make_job("luminance", colour_space=space), None)
    *_, last = paint_job(job)
    chroma_space = job.colour_preservation.chroma_space
    assert chroma_space is not None
    result = to_picture(ResultCompositor(job.layer, None, chroma_space).result(last.best_picture()))
    found, wanted = (chroma_space.from_srgb(picture)[: SIDE // 2] for picture in (result, to_picture(job.layer)))
    half = result[: SIDE // 2]
    within = (half.min(axis=2) > 0.02) & (half.max(axis=2) < 0.98)  # not clipped
    assert within.mean() > 0.5
    np.testing.assert_allclose(found[within][:, 1:], wanted[within][:, 1:], atol=0.012)
    assert np.abs(found[..., 0] - wanted[..., 0]).mean() > 0.005, "it was painted"
