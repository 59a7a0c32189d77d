"""Oklab, against the values that its author gives, and what keeping colours keeps."""

from __future__ import annotations

import numpy as np

from gramarye.colour.after import with_colours_of
from gramarye.colour.oklab import from_srgb, to_srgb
from gramarye.colour.spaces import OKLAB


def test_the_authors_colours() -> None:
    """Red and blue of sRGB, as the reference implementation has them to three places."""
    lab = from_srgb(np.array([[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]]], np.float32))
    np.testing.assert_allclose(lab[0, 0], (0.628, 0.225, 0.126), atol=1e-3)
    np.testing.assert_allclose(lab[0, 1], (0.452, -0.032, -0.312), atol=1e-3)
    np.testing.assert_allclose(lab[0, 2], (1.0, 0.0, 0.0), atol=1e-3)


def test_the_way_back() -> None:
    values = np.random.default_rng(4).random((300, 9, 3), np.float32)
    np.testing.assert_allclose(to_srgb(from_srgb(values)), values, atol=2e-4)


def test_lightness_is_the_paintings_and_colour_the_layers() -> None:
    random = np.random.default_rng(5)
    painting, layer = (random.uniform(0.4, 0.6, (300, 8, 3)).astype(np.float32) for _ in range(2))
    kept = from_srgb(with_colours_of(painting, layer, OKLAB))
    np.testing.assert_allclose(kept[..., 0], from_srgb(painting)[..., 0], atol=1e-3)
    np.testing.assert_allclose(kept[..., 1:], from_srgb(layer)[..., 1:], atol=1e-3)
