"""What a painting starts from, and goes on from at a finer size."""

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
def test_a_painting_is_made_from_the_content_the_artists_picture_or_nothing(
    init: str, expected: torch.Tensor | None
) -> None:
    assert start_picture(recipe(init=init, recolour=False), CONTENT, START, STYLES) is expected


def test_the_content_but_not_the_artists_picture_takes_on_the_styles_colours() -> None:
    base_picture = start_picture(recipe(init="content", recolour=True), CONTENT, None, STYLES)
    assert base_picture is not None
    torch.testing.assert_close(base_picture, recolour(CONTENT, palette(STYLES)))
    assert start_picture(recipe(init="picture", recolour=True), CONTENT, START, STYLES) is START


def test_where_colours_average_does_not_count_the_contents_stays() -> None:
    base_picture = start_picture(recipe(init="content", recolour=True, statistic="covariance"), CONTENT, None, STYLES)
    assert base_picture is not None
    torch.testing.assert_close(base_picture.mean(dim=(2, 3)), CONTENT.mean(dim=(2, 3)))


def test_an_unchanged_painting_grows_into_the_picture_that_it_was_made_from() -> None:
    torch.testing.assert_close(upsample_painting(resize(CONTENT, 31, 42), CONTENT, 61, 83), CONTENT)


def test_what_was_painted_is_carried_over_with_the_pictures_own_detail() -> None:
    coarse = resize(CONTENT, 31, 42)
    change = tensor(pixels((31, 42), 3))
    expected = CONTENT + resize(change, 61, 83)
    torch.testing.assert_close(upsample_painting(coarse + change, CONTENT, 61, 83), expected)


def test_noise_is_only_enlarged() -> None:
    x = tensor(pixels((31, 42), 3))
    assert torch.equal(upsample_painting(x, None, 61, 83), resize(x, 61, 83))
