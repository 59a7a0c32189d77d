"""Sketches: when there is one, its iterates, and the start that it gives the full painting."""

from dataclasses import replace

import numpy as np
import pytest

from engine.support import picture, recipe, small_network
from gramarye.engine.paint import StyleInput
from gramarye.engine.sketch import (
    apply_sketch,
    downscale,
    is_sketched,
    shift_iterate,
    sketch,
    sketch_size,
    transfer_change,
)

FULL = replace(small_network(), name="full")
DRAFT = replace(small_network(), name="draft")


@pytest.mark.parametrize(
    ("expected", "painter", "size", "values"),
    [
        (True, FULL, (400, 300), {}),
        (False, FULL, (160, 120), {}),
        (False, FULL, (400, 300), {"sketch": 0}),
        (False, FULL, (400, 300), {"steps": 0}),
        (False, FULL, (400, 300), {"init": "noise"}),
        (False, FULL, (400, 300), {"init": "picture"}),
        (True, DRAFT, (4000, 6000), {}),
        (False, DRAFT, (512, 512), {"scales": 2}),
        (True, DRAFT, (512, 512), {"scales": 1}),
    ],
)
def test_is_sketched(expected: bool, painter: object, size: tuple[int, int], values: dict[str, object]) -> None:
    assert is_sketched(recipe(**values), painter, DRAFT, *size) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize("preset", ["seed", "gatys", "neural-style"])
def test_presets_of_other_authors_have_no_sketch(preset: str) -> None:
    assert recipe(preset).sketch == 0


def test_a_sketch_is_small_and_its_best_picture_has_the_layers_size() -> None:
    size, own = (90, 330), recipe(sketch=3)
    iterates = list(sketch(picture(size), [StyleInput(picture((40, 52), 1))], own, DRAFT, size, "cpu"))
    assert [i.step for i in iterates] == [1, 2, 3]
    assert iterates[-1].picture().shape == (*sketch_size(own, *size), 3) == (70, 256, 3)
    assert iterates[-1].best_picture().shape == (90, 330, 3)
    assert iterates[-1].best_loss is not None
    assert iterates[0].loss is not None
    assert iterates[-1].best_loss <= iterates[0].loss


@pytest.mark.parametrize(
    ("size", "expected"), [((384, 512), (96, 128)), ((768, 1024), (192, 256)), ((3000, 4000), (192, 256))]
)
def test_a_sketch_is_never_larger_than_the_first_scale(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert sketch_size(recipe(scales=3), *size) == expected


def test_style_size_stays_relative_to_the_layer() -> None:
    """A large style and a downscaled one give the same sketch."""
    size = (256, 200)
    content, style = picture(size), picture((800, 640), 1)
    one, other = (
        list(sketch(content, [StyleInput(s)], recipe(sketch=2, scales=1), DRAFT, size, "cpu"))[-1].best_picture()
        for s in (style, downscale(style, 256, 205))
    )
    np.testing.assert_allclose(one, other, atol=2e-3)


def test_apply_sketch_keeps_the_layers_detail() -> None:
    size = (300, 280)
    content = picture(size)
    iterates = list(sketch(content, [StyleInput(picture((40, 52), 1))], recipe(sketch=4), DRAFT, size, "cpu"))
    start = apply_sketch(content, iterates[-1])
    assert start.shape == content.shape
    assert 0.0 <= start.min() <= start.max() <= 1.0
    wanted = iterates[-1].best_picture(own_size=True)
    coarse = downscale(start, *wanted.shape[:2])
    before = np.abs(downscale(content, *wanted.shape[:2]) - wanted).mean()
    assert np.abs(coarse - wanted).mean() < 0.5 * before


def test_transfer_change_keeps_the_small_painting_and_the_layers_detail() -> None:
    content = 0.25 + 0.5 * picture((120, 160))
    small = np.clip(downscale(content, 60, 80) + np.float32(0.1), 0.0, 1.0)
    large = transfer_change(small, content)
    np.testing.assert_allclose(downscale(large, 60, 80), small, atol=0.02)
    np.testing.assert_allclose(large, content + 0.1, atol=1e-5)


def test_shifted_iterates_are_numbered_across_the_parts() -> None:
    last = list(
        sketch(picture((64, 64)), [StyleInput(picture((40, 52), 1))], recipe(sketch=2), DRAFT, (64, 64), "cpu")
    )[-1]
    assert shift_iterate(last, 12, 3, 0, 0.0).scale == 0
    proper = shift_iterate(last, 12, 3, 10, 5.0)
    assert (proper.step, proper.total, proper.scale, proper.scales) == (12, 12, 1, 3)
    assert proper.seconds == pytest.approx(5.0 + last.seconds)
