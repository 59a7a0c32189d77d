"""End-to-end test: a photograph with alpha, painted by a trained network in the style of a painting, over ZeroMQ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gramarye import Client
from gramarye.weights.importing import import_file
from support.homes import Home

SIDE = 192


def _rgb(path: Path, side: int = SIDE) -> np.ndarray:
    image = Image.open(path).convert("RGB")
    image.thumbnail((side, side))
    return np.asarray(image)


def _palette_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the mean over the channels of the one-dimensional Wasserstein distance of their values, in levels."""
    shares = np.linspace(0, 1, 101)
    return float(
        np.mean([np.abs(np.quantile(first[..., c], shares) - np.quantile(second[..., c], shares)) for c in range(3)])
    )


@pytest.mark.parametrize("network", ["draft", "vgg19_quarter_distilled.npz"])
def test_a_photograph_keeps_its_content_and_takes_the_colours_of_the_style(
    home: Home, shared: Path, network: str
) -> None:
    photograph = _rgb(shared / "images" / "content" / "tubingen.jpg")
    style = _rgb(shared / "images" / "style" / "starry_night.jpg")
    height, width = photograph.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    alpha = np.clip(255 - 3 * np.hypot(rows - height / 2, columns - width / 2) + 150, 0, 255).astype(np.uint8)
    layer = np.dstack([photograph, alpha])
    name = network if network == "draft" else import_file(shared / "weights" / network).name
    home.start_daemon()
    with Client(start=False) as client:
        painting = client.paint(layer, [style], network=name, steps=90)
    painted = painting.array
    assert painting.network == name
    np.testing.assert_array_equal(painted[..., 3], alpha)
    np.testing.assert_array_equal(painted[alpha == 0], layer[alpha == 0])
    seen = alpha > 0
    before, after = (array[..., :3][seen].mean(axis=-1) for array in (layer, painted))
    assert np.corrcoef(before, after)[0, 1] > 0.6, "the town can no longer be recognised"
    assert _palette_distance(painted[seen][None], style) < 0.8 * _palette_distance(layer[seen][None], style)
