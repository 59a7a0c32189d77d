"""The start of a painting, and upsampling to a finer size."""

import pytest
import torch

from engine.support import pixels, recipe, tensor
from gramarye.engine.images.recolour import palette, recolour
from gramarye.engine.images.resize import resize
from gramarye.engine.images.start import start_picture, upsample_painting
from gramarye.engine.loss.regions import StylePicture

CONTENT, START = tensor(pixels((61, 83), 1)), tensor(pixels((61, 83), 2))
STYLES = [StylePicture(tensor(pixels((40, 30), 4)), 1.0)]


@pytest.mark.parametrize(("init", "expected"), [("content", CONTENT), ("picture", START), ("noise", None)])
def test_start_picture_follows_the_recipes_init(init: str, expected: torch.Tensor | None) -> None:
    assert start_picture(recipe(init=init, recolour=False), CONTENT, START, STYLES) is expected


def test_only_the_content_is_recoloured() -> None:
    base_picture = start_picture(recipe(init="content", recolour=True), CONTENT, None, STYLES)
    assert base_picture is not None
    torch.testing.assert_close(base_picture, recolour(CONTENT, palette(STYLES)))
    assert start_picture(recipe(init="picture", recolour=True), CONTENT, START, STYLES) is START


def test_the_contents_mean_colour_stays_for_covariance() -> None:
    base_picture = start_picture(recipe(init="content", recolour=True, statistic="covariance"), CONTENT, None, STYLES)
    assert base_picture is not None
    torch.testing.assert_close(base_picture.mean(dim=(2, 3)), CONTENT.mean(dim=(2, 3)))


def test_upsampling_an_unchanged_painting_gives_its_base_picture() -> None:
    torch.testing.assert_close(upsample_painting(resize(CONTENT, 31, 42), CONTENT, 61, 83), CONTENT)


def test_upsampling_adds_the_change_to_the_base_picture() -> None:
    coarse = resize(CONTENT, 31, 42)
    change = tensor(pixels((31, 42), 3))
    expected = CONTENT + resize(change, 61, 83)
    torch.testing.assert_close(upsample_painting(coarse + change, CONTENT, 61, 83), expected)


def test_without_a_base_picture_upsampling_only_resizes() -> None:
    x = tensor(pixels((31, 42), 3))
    assert torch.equal(upsample_painting(x, None, 61, 83), resize(x, 61, 83))
