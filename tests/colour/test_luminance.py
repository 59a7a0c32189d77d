"""Lightness-only painting: no chroma, the layer's lightness, and its colours in the result."""

from __future__ import annotations

import numpy as np
import pytest

from gramarye.colour.colour_modes import ColourPreservation
from gramarye.colour.luminance import MIN_STD, lightness_stats, match_lightness, remove_chroma
from gramarye.colour.spaces import SPACES


def picture(seed: int, low: float, high: float) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, (300, 12, 3)).astype(np.float32)


STYLE, LAYER = picture(1, 0.1, 0.9), picture(2, 0.35, 0.6)


@pytest.mark.parametrize("name", SPACES)
def test_a_grey_picture_is_as_light_as_it_was(name: str) -> None:
    space = SPACES[name]
    found = remove_chroma(STYLE, space)
    np.testing.assert_allclose(np.ptp(found, axis=2), 0.0, atol=2e-4)
    np.testing.assert_allclose(space.from_srgb(found)[..., 0], space.from_srgb(STYLE)[..., 0], atol=1e-4)


@pytest.mark.parametrize("name", SPACES)
def test_a_styles_lightness_becomes_the_layers(name: str) -> None:
    space = SPACES[name]
    lightness = space.from_srgb(LAYER)[..., 0].astype(np.float64)
    found = space.from_srgb(match_lightness(STYLE, lightness_stats(LAYER, space), space))[..., 0]
    assert found.mean() == pytest.approx(lightness.mean(), abs=1e-4)
    assert found.std() == pytest.approx(lightness.std(), abs=1e-4)


def test_lightness_is_measured_on_visible_pixels() -> None:
    space = SPACES["oklab"]
    weights = np.zeros(LAYER.shape[:2], np.float32)
    weights[40:60] = 0.3
    found, expected = lightness_stats(LAYER, space, weights), lightness_stats(LAYER[40:60], space)
    assert (found.mean, found.std) == pytest.approx((expected.mean, expected.std), abs=1e-6)


def test_the_grain_of_a_flat_style_does_not_become_light_and_dark() -> None:
    space = SPACES["oklab"]
    grain = np.random.default_rng(3).normal(0.5, 0.2 * MIN_STD, (50, 50, 1)).repeat(3, axis=2).astype(np.float32)
    wanted = lightness_stats(STYLE, space)
    found = lightness_stats(match_lightness(grain, wanted, space), space)
    assert found.mean == pytest.approx(wanted.mean, abs=1e-3)
    assert found.std < 0.25 * wanted.std
    flat = match_lightness(np.full((9, 9, 3), 0.2, np.float32), wanted, space)
    np.testing.assert_allclose(lightness_stats(flat, space).mean, wanted.mean, atol=1e-4)


@pytest.mark.parametrize(
    ("colour", "content_is_grey", "style_changes", "keeps"),
    [
        ("style", False, False, False),
        ("layer", False, False, True),
        ("layer-before", False, True, False),
        ("luminance", True, True, True),
    ],
)
def test_each_colour_mode(colour: str, content_is_grey: bool, style_changes: bool, keeps: bool) -> None:
    colour_preservation = ColourPreservation(colour, "lab", "monge")
    assert (np.ptp(colour_preservation.content(LAYER), axis=2).max() < 1e-3) == content_is_grey
    changed = not np.array_equal(colour_preservation.style(STYLE, LAYER, None), STYLE)
    assert changed == style_changes == colour_preservation.changes_inputs
    assert (colour_preservation.chroma_space is SPACES["lab"]) == keeps
    assert (colour_preservation.chroma_space is None) != keeps
