"""A style in the layer's colours: the maps against the papers' formulas, and styles with hardly any colour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from gramarye.colour.histogram_matching import rotations
from gramarye.colour.linear_maps import NOISE_STD, moments
from gramarye.colour.recolour_style import LINEAR_MATCHES, match_colours
from reference import colours as reference

Values = NDArray[np.float32]
MATCHES = [*LINEAR_MATCHES, "histogram"]
REFERENCES: dict[str, Callable[[reference.Array, reference.Array], reference.Array]] = {
    "monge": reference.monge,
    "cholesky": reference.cholesky,
    "pca": reference.pca,
}


def mixed(seed: int, shape: tuple[int, int], centre: tuple[float, float, float]) -> Values:
    """Return a picture with correlated channels, well within 0..1."""
    random = np.random.default_rng(seed)
    mixing = np.eye(3) + 0.4 * random.standard_normal((3, 3))
    return (centre + 0.05 * random.uniform(-1.7, 1.7, (*shape, 3)) @ mixing).astype(np.float32)


STYLE = mixed(1, (300, 21), (0.5, 0.6, 0.45))
LAYER = mixed(2, (40, 37), (0.6, 0.5, 0.55))
FLAT = np.full((30, 30, 3), (0.3, 0.6, 0.2), np.float32)
GREY = np.repeat(np.random.default_rng(3).uniform(0.1, 0.9, (60, 50, 1)), 3, axis=2).astype(np.float32)


def in_light(picture: Values) -> reference.Array:
    return reference.linear(picture).reshape(-1, 3)


def test_moments_are_of_visible_pixels_in_linear_light() -> None:
    weights = np.random.default_rng(4).uniform(0.0, 1.0, LAYER.shape[:2]).astype(np.float32)
    weights[:9] = 0.0
    found = moments(LAYER, weights)
    mean, covariance = reference.moments(in_light(LAYER), weights.reshape(-1).astype(np.float64))
    np.testing.assert_allclose(found.mean, mean, rtol=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-14)


@pytest.mark.parametrize("match", REFERENCES)
def test_a_linear_map_is_the_papers(match: str) -> None:
    ones = np.ones(STYLE.shape[0] * STYLE.shape[1]), np.ones(LAYER.shape[0] * LAYER.shape[1])
    own, wanted = (reference.moments(in_light(p), w) for p, w in zip((STYLE, LAYER), ones, strict=True))
    turned = (in_light(STYLE) - own[0]) @ REFERENCES[match](own[1], wanted[1]).T + wanted[0]
    expected = reference.encoded(turned).reshape(STYLE.shape)
    assert 0.0 < expected.min() < expected.max() < 1.0
    np.testing.assert_allclose(match_colours(STYLE, LAYER, None, match), expected, atol=2e-6)


@pytest.mark.parametrize(("match", "tolerance"), [(match, 1e-5) for match in LINEAR_MATCHES] + [("histogram", 2e-2)])
def test_the_layers_mean_and_covariance_are_reached(match: str, tolerance: float) -> None:
    reached, wanted = moments(match_colours(STYLE, LAYER, None, match)), moments(LAYER)
    np.testing.assert_allclose(reached.mean, wanted.mean, rtol=tolerance)
    np.testing.assert_allclose(reached.covariance, wanted.covariance, atol=tolerance * wanted.covariance.max())


def test_a_histogram_match_reaches_the_whole_distribution_where_moments_do_not() -> None:
    two = np.where(np.random.default_rng(5).random((50, 40, 1)) < 0.3, (0.8, 0.5, 0.2), (0.2, 0.3, 0.5))
    layer = (two + np.random.default_rng(6).normal(0.0, 0.01, two.shape)).astype(np.float32)
    directions = np.concatenate(rotations(9))
    distances = {
        match: reference.sliced_distance(
            in_light(match_colours(STYLE, layer, None, match)), in_light(layer), directions
        )
        for match in ("monge", "histogram")
    }
    assert distances["histogram"] < 0.2 * distances["monge"]


@pytest.mark.parametrize("match", MATCHES)
def test_transparent_pixels_do_not_count(match: str) -> None:
    weights = np.ones(LAYER.shape[:2], np.float32)
    weights[10:20] = 0.0
    garish = LAYER.copy()
    garish[10:20] = (1.0, 0.0, 1.0)
    np.testing.assert_array_equal(
        match_colours(STYLE, garish, weights, match), match_colours(STYLE, LAYER, weights, match)
    )
    kept = np.delete(LAYER, np.s_[10:20], axis=0)
    np.testing.assert_allclose(
        match_colours(STYLE, garish, weights, match), match_colours(STYLE, kept, None, match), atol=1e-6
    )


@pytest.mark.parametrize("match", MATCHES)
def test_half_transparent_pixels_count_half(match: str) -> None:
    weights = np.ones(LAYER.shape[:2], np.float32)
    weights[::2] = 0.5
    often = np.concatenate([LAYER[::2], LAYER[1::2], LAYER[1::2]])
    half, doubled = match_colours(STYLE, LAYER, weights, match), match_colours(STYLE, often, None, match)
    assert np.abs(half - doubled).mean() < (5e-3 if match == "histogram" else 1e-6)  # the noise is at other samples


@pytest.mark.parametrize("match", MATCHES)
def test_a_picture_in_its_own_colours_stays(match: str) -> None:
    np.testing.assert_allclose(match_colours(STYLE, STYLE, None, match), STYLE, atol=2e-3)


@pytest.mark.parametrize("match", MATCHES)
def test_the_grain_of_a_grey_style_does_not_become_colour(match: str) -> None:
    grain = np.random.default_rng(7).normal(0.0, 1.0 / 255.0, GREY.shape).astype(np.float32)
    clean, grainy = (match_colours(picture, LAYER, None, match) for picture in (GREY, np.clip(GREY + grain, 0.0, 1.0)))
    assert np.isfinite(grainy).all()
    assert np.std(grainy - clean) < 0.05


@pytest.mark.parametrize("match", MATCHES)
def test_a_style_of_one_colour_takes_one_from_the_middle_of_the_layers(match: str) -> None:
    found = match_colours(FLAT, LAYER, None, match)
    assert np.ptp(found, axis=(0, 1)).max() < 1e-6
    away = reference.linear(found[0, 0]) - moments(LAYER).mean
    assert (away**2 < 0.25 * np.diag(moments(LAYER).covariance)).all()


@pytest.mark.parametrize("match", MATCHES)
def test_a_layer_of_one_colour_makes_the_style_nearly_that(match: str) -> None:
    found = in_light(match_colours(STYLE, FLAT, None, match))
    np.testing.assert_allclose(found.mean(axis=0), in_light(FLAT)[0], atol=0.5 * NOISE_STD)
    assert found.std(axis=0).max() < 1.5 * NOISE_STD


@pytest.mark.parametrize("match", MATCHES)
def test_a_grey_layer_makes_a_style_grey(match: str) -> None:
    found = in_light(match_colours(STYLE, GREY, None, match))
    assert np.ptp(found, axis=1).mean() < 2.5 * NOISE_STD


@pytest.mark.parametrize("match", MATCHES)
def test_extreme_pairs_give_colours_within_the_gamut(match: str) -> None:
    black, white = np.zeros((20, 20, 3), np.float32), np.ones((20, 20, 3), np.float32)
    chequer = np.where(np.indices((20, 20)).sum(axis=0)[..., None] % 2, white, black)
    for style in (black, white, chequer, STYLE, GREY):
        for layer in (black, white, chequer, LAYER):
            found = match_colours(style, layer, None, match)
            assert np.isfinite(found).all()
            assert found.min() >= 0.0
            assert found.max() <= 1.0


def test_rotations_are_orthogonal_and_deterministic() -> None:
    for first, again in zip(rotations(12), rotations(12), strict=True):
        np.testing.assert_allclose(first @ first.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(first) > 0.0
        np.testing.assert_array_equal(first, again)
