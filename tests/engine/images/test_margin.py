"""The margin is painted with the picture and changes neither its size nor its position."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.support import picture, recipe, small_network
from gramarye.engine.images.margin import fitting_margin, trimmed, with_margin
from gramarye.engine.paint import StyleInput, paint


@pytest.mark.parametrize(("height", "width", "margin"), [(20, 31, 16), (16, 16, 15), (33, 17, 0)])
def test_the_margin_mirrors_and_trimming_removes_it(height: int, width: int, margin: int) -> None:
    x = torch.rand(1, 3, height, width)
    wide = with_margin(x, margin)
    assert wide.shape == (1, 3, height + 2 * margin, width + 2 * margin)
    assert torch.equal(trimmed(wide, margin), x)
    if margin:
        assert torch.equal(wide[:, :, margin - 1], wide[:, :, margin + 1])


@pytest.mark.parametrize(("size", "expected"), [((400, 300), 16), ((17, 300), 16), ((16, 300), 15)])
def test_the_margin_of_small_pictures_is_limited_by_mirroring(size: tuple[int, int], expected: int) -> None:
    assert fitting_margin(16, *size) == expected


@pytest.mark.parametrize("size", [(130, 150), (131, 149), (40, 50)])
def test_a_margin_changes_neither_size_nor_position(size: tuple[int, int]) -> None:
    content = picture(size)
    plain = recipe(steps=0, scales=1, clamp=False, margin=16)
    (start,) = paint(content, [StyleInput(picture((40, 40), 1))], plain, small_network())
    np.testing.assert_allclose(start.best_picture(), content, atol=1e-6)
    assert (start.height, start.width) == size


def test_a_coarse_iterate_shows_the_whole_picture_without_its_margin() -> None:
    content = picture((130, 150))
    style = StyleInput(content)
    coarse = next(iter(paint(content, [style], recipe(steps=9, scales=2, margin=16), small_network())))
    assert (coarse.height, coarse.width) == (65, 75)
    assert coarse.picture().shape == (65, 75, 3)
    assert coarse.best_picture().shape == content.shape
    blurred = np.abs(coarse.best_picture() - content).mean()
    shifted = np.abs(coarse.best_picture()[:-4] - content[4:]).mean()
    assert blurred < 0.5 * shifted
