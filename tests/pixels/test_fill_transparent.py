"""Colours under transparent pixels."""

import numpy as np
import pytest

from gramarye.pixels.fill_transparent import fill_transparent


def picture(size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(4).random((*size, 3)).astype(np.float32)


@pytest.mark.parametrize("size", [(16, 16), (37, 21), (1, 5), (7, 1)])
def test_visible_pixels_stay_and_filled_ones_are_within_their_colours(size: tuple[int, int]) -> None:
    colour = picture(size)
    visible = np.zeros(size, np.float32)
    visible[0, 0], visible[-1, -1] = 1.0, 0.4
    found = fill_transparent(colour.copy(), visible)
    seen = visible > 0
    np.testing.assert_array_equal(found[seen], colour[seen])
    assert (found.min(axis=(0, 1)) >= colour[seen].min(axis=0) - 1e-6).all()
    assert (found.max(axis=(0, 1)) <= colour[seen].max(axis=0) + 1e-6).all()


def test_hidden_colours_do_not_matter() -> None:
    visible = (np.random.default_rng(5).random((40, 33)) > 0.8).astype(np.float32)
    colour = picture((40, 33))
    other = np.where(visible[..., None] > 0, colour, 1.0 - colour).astype(np.float32)
    np.testing.assert_array_equal(fill_transparent(colour, visible), fill_transparent(other, visible))


def test_the_fill_continues_the_colour_at_an_edge() -> None:
    colour = np.zeros((64, 64, 3), np.float32)
    colour[:, :20], colour[:, 44:] = (0.9, 0.2, 0.1), (0.1, 0.3, 0.8)
    visible = np.ones((64, 64), np.float32)
    visible[:, 20:44] = 0.0
    found = fill_transparent(colour, visible)
    assert np.abs(found[:, 20] - (0.9, 0.2, 0.1)).max() < 0.12
    assert np.abs(found[:, 43] - (0.1, 0.3, 0.8)).max() < 0.12
    assert np.abs(np.diff(found, axis=1)).max() < 0.15
