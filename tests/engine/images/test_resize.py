"""Resizing: constants are unchanged, sizes are exact, and fine detail is averaged without aliasing."""

import pytest
import torch

from gramarye.engine.images.resize import fitted, resize


def test_the_same_size_is_the_same_tensor() -> None:
    picture = torch.rand(1, 3, 5, 7)
    assert resize(picture, 5, 7) is picture


@pytest.mark.parametrize("size", [(3, 4), (20, 33)])
def test_a_flat_colour_is_unchanged(size: tuple[int, int]) -> None:
    resized = resize(torch.full((1, 3, 9, 14), 7.0, dtype=torch.float64), *size)
    assert resized.shape == (1, 3, *size)
    torch.testing.assert_close(resized, torch.full_like(resized, 7.0))


def test_a_chequerboard_shrinks_to_grey() -> None:
    rows, columns = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    board = ((rows + columns) % 2).double().expand(1, 3, 64, 64)
    inner = resize(board, 20, 20)[..., 3:-3, 3:-3]
    assert float((inner - 0.5).abs().max()) < 0.05


def test_fitted_keeps_the_aspect_and_never_vanishes() -> None:
    assert fitted(300, 400, 200.0) == (150, 200)
    assert fitted(5000, 1, 100.0) == (100, 1)
