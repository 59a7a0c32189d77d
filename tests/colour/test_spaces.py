"""Colour spaces against published values, their inverses, and colours restored after painting."""

from __future__ import annotations

import numpy as np
import pytest

from gramarye.colour import cielab, oklab, rec601
from gramarye.colour.restore_colours import restore_chroma
from gramarye.colour.spaces import SPACES


def colours(*values: tuple[float, float, float]) -> np.ndarray:
    return np.array([values], np.float32)


PRIMARIES = colours((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0))


def test_oklab_has_its_authors_colours() -> None:
    """Red and blue of sRGB, compared with the reference implementation to three decimals."""
    lab = oklab.from_srgb(colours((1, 0, 0), (0, 0, 1), (1, 1, 1)))
    np.testing.assert_allclose(lab[0], [(0.628, 0.225, 0.126), (0.452, -0.032, -0.312), (1.0, 0.0, 0.0)], atol=1e-3)


def test_lab_has_the_published_values_of_srgbs_primaries() -> None:
    """Values of Lindbloom's calculator for sRGB under D65, to two decimals."""
    expected = [
        (53.24, 80.09, 67.20),
        (87.73, -86.18, 83.18),
        (32.30, 79.19, -107.86),
        (100.0, 0.0, 0.0),
        (0.0, 0.0, 0.0),
    ]
    np.testing.assert_allclose(100.0 * cielab.from_srgb(PRIMARIES)[0], expected, atol=0.02)


def test_lab_is_straight_near_black() -> None:
    """L* = 903.3 Y below Y = 0.008856 (CIE 15:2004)."""
    dark = np.full((1, 1, 3), 0.02, np.float32)
    np.testing.assert_allclose(100.0 * cielab.from_srgb(dark)[0, 0, 0], 903.3 * 0.02 / 12.92, rtol=1e-3)


def test_luma_and_differences_are_bt_601s() -> None:
    """Table 2 of BT.601-7: normalised signal values of the primaries."""
    expected = [(0.299, -0.1687, 0.5), (0.587, -0.3313, -0.4187), (0.114, 0.5, -0.0813), (1, 0, 0), (0, 0, 0)]
    np.testing.assert_allclose(rec601.from_srgb(PRIMARIES)[0], expected, atol=1e-4)


@pytest.mark.parametrize("name", SPACES)
def test_the_round_trip(name: str) -> None:
    values = np.random.default_rng(4).random((300, 9, 3), np.float32)
    space = SPACES[name]
    np.testing.assert_allclose(space.to_srgb(space.from_srgb(values)), values, atol=2e-4)
    np.testing.assert_allclose(space.to_srgb(space.from_srgb(PRIMARIES)), PRIMARIES, atol=2e-4)


@pytest.mark.parametrize("name", SPACES)
def test_greys_have_no_chroma_and_lightness_from_0_to_1(name: str) -> None:
    grey = np.repeat(np.linspace(0, 1, 60, dtype=np.float32).reshape(1, -1, 1), 3, axis=2)
    parted = SPACES[name].from_srgb(grey)
    np.testing.assert_allclose(parted[..., 1:], 0.0, atol=1e-5)
    np.testing.assert_allclose(parted[0, [0, -1], 0], (0.0, 1.0), atol=1e-6)
    assert np.all(np.diff(parted[0, :, 0]) > 0)


@pytest.mark.parametrize("name", SPACES)
def test_lightness_is_the_paintings_and_colour_the_layers(name: str) -> None:
    space = SPACES[name]
    random = np.random.default_rng(5)
    painting, layer = (random.uniform(0.4, 0.6, (300, 8, 3)).astype(np.float32) for _ in range(2))
    kept = space.from_srgb(restore_chroma(painting, layer, space))
    np.testing.assert_allclose(kept[..., 0], space.from_srgb(painting)[..., 0], atol=1e-3)
    np.testing.assert_allclose(kept[..., 1:], space.from_srgb(layer)[..., 1:], atol=1e-3)
