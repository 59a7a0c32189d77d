"""Recolouring a picture to a palette."""

from __future__ import annotations

import numpy as np
import pytest
from torch import Tensor

from engine.support import array, pixels, tensor
from gramarye.engine.images.recolour import NOISE, palette, recolour
from gramarye.engine.loss.regions import StylePicture

CONTENT, STYLE, OTHER = (tensor(pixels((37, 45), seed)) for seed in (1, 2, 3))


def colours(x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance, computed by NumPy."""
    flat = array(x).reshape(-1, 3)
    return flat.mean(axis=0), np.cov(flat.T, bias=True)


def test_recolour_transfers_mean_and_covariance() -> None:
    mean, covariance = colours(recolour(CONTENT, palette([StylePicture(STYLE, 1.0)])))
    wanted_mean, wanted_covariance = colours(STYLE)
    np.testing.assert_allclose(mean, wanted_mean, atol=1e-9)
    np.testing.assert_allclose(covariance, wanted_covariance, atol=2.0 * NOISE**2)


def test_recolour_is_the_monge_map() -> None:
    """Of all linear maps between two covariances, only the optimal transport is symmetric and positive definite."""
    turned = recolour(CONTENT, palette([StylePicture(STYLE, 1.0)]))
    flat, mapped = (array(x).reshape(-1, 3) - array(x).reshape(-1, 3).mean(axis=0) for x in (CONTENT, turned))
    matrix = np.linalg.lstsq(flat, mapped, rcond=None)[0]
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-9)
    assert np.linalg.eigvalsh(matrix).min() > 0.0


def test_a_picture_with_the_wanted_colours_is_unchanged() -> None:
    assert recolour(CONTENT, palette([StylePicture(CONTENT, 2.0)])) is CONTENT


def test_the_mean_colour_can_be_kept() -> None:
    kept = recolour(CONTENT, palette([StylePicture(STYLE, 1.0)]), keeps_mean=True)
    np.testing.assert_allclose(colours(kept)[0], colours(CONTENT)[0], atol=1e-9)


def test_a_palette_of_several_styles_is_weighted() -> None:
    both = palette([StylePicture(STYLE, 1.0), StylePicture(OTHER, 3.0)])
    flat = np.concatenate([array(x).reshape(-1, 3) for x in (STYLE, OTHER, OTHER, OTHER)])
    np.testing.assert_allclose(both.mean.numpy(), flat.mean(axis=0))
    np.testing.assert_allclose(both.covariance.numpy(), np.cov(flat.T, bias=True))


@pytest.mark.parametrize("channel", [0, 2])
def test_near_colourless_grain_is_not_amplified(channel: int) -> None:
    grey = CONTENT.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1).clone()
    grain = grey.clone()
    grain[:, channel] += tensor(np.random.default_rng(0).normal(0.0, 1.0, (37, 45, 1)))[0, 0]
    wanted = palette([StylePicture(STYLE, 1.0)])
    difference = recolour(grain, wanted) - recolour(grey, wanted)
    assert float(difference.std()) < 20.0
