"""What a painting starts from, and goes on from at a finer size."""

import pytest
import torch

from engine.support import pixels, recipe, tensor
from gramarye.engine.resize import resize
from gramarye.engine.start import grown, origin

CONTENT, START = tensor(pixels((61, 83), 1)), tensor(pixels((61, 83), 2))


@pytest.mark.parametrize(("init", "expected"), [("content", CONTENT), ("picture", START), ("noise", None)])
def test_a_painting_is_made_from_the_content_the_artists_picture_or_nothing(
    init: str, expected: torch.Tensor | None
) -> None:
    assert origin(recipe(init=init), CONTENT, START) is expected


def test_an_unchanged_painting_grows_into_the_picture_that_it_was_made_from() -> None:
    torch.testing.assert_close(grown(resize(CONTENT, 31, 42), CONTENT, 61, 83), CONTENT)


def test_what_was_painted_is_carried_over_with_the_pictures_own_detail() -> None:
    coarse = resize(CONTENT, 31, 42)
    change = tensor(pixels((31, 42), 3))
    expected = CONTENT + resize(change, 61, 83)
    torch.testing.assert_close(grown(coarse + change, CONTENT, 61, 83), expected)


def test_noise_is_only_enlarged() -> None:
    x = tensor(pixels((31, 42), 3))
    assert torch.equal(grown(x, None, 61, 83), resize(x, 61, 83))
