"""Tests the committed pictures: reproducible from the code, of the right size, structured as a style needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import gramarye.gallery
from gramarye.gallery.pictures import PICTURES, draw_picture

COMMITTED = Path(gramarye.gallery.__file__).parent
SIZES = {
    "content.png": (640, 448),
    "style-charcoal.png": (576, 576),
    "style-facets.png": (576, 576),
    "style-pointillism.png": (576, 576),
    "style-stained-glass.png": (576, 576),
    "style-swirls.png": (608, 608),
    "style-watercolour.png": (560, 560),
    "style-waves.png": (576, 576),
    "style-woodcut.png": (576, 576),
}
STYLES = [name for name in SIZES if name.startswith("style-")]
MEAN_LEVELS_APART = 0.25
"""Tolerance of the mean difference in levels: processors round sines differently, which changes a few pixels by one."""


def pixels(path: Path) -> NDArray[np.float64]:
    """Return the picture (height, width, 3), 0..255."""
    with Image.open(path) as image:
        assert image.mode == "RGB"
        return np.asarray(image).astype(np.float64)


def brightness_gradient(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the gradient of the brightness, down and across, in levels per pixel."""
    brightness = pixels(path).mean(axis=2)
    return np.gradient(brightness, axis=0), np.gradient(brightness, axis=1)


def averaged(field: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return the means over squares of ``side`` pixels."""
    rows, columns = field.shape[0] // side, field.shape[1] // side
    squares = field[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return np.asarray(squares.mean(axis=(1, 3)), np.float64)


@pytest.mark.timeout(300)  # about eight seconds each on an idle core
@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_drawing_again_gives_the_committed_picture(name: str, tmp_path: Path) -> None:
    """The PNGs are reproducible from the code."""
    drawn = draw_picture(name, tmp_path)
    again, committed = pixels(drawn), pixels(COMMITTED / name)
    assert again.shape == committed.shape
    assert np.abs(again - committed).mean() < MEAN_LEVELS_APART


def test_every_committed_picture_has_code_that_draws_it() -> None:
    assert {path.name for path in COMMITTED.glob("*.png")} == set(PICTURES) == set(SIZES)


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_pictures_are_of_their_size_and_small_enough_to_ship(name: str, size: tuple[int, int]) -> None:
    with Image.open(COMMITTED / name) as image:
        assert image.size == size
    assert (COMMITTED / name).stat().st_size < 900_000


@pytest.mark.parametrize("name", SIZES)
def test_pictures_use_the_whole_range_from_dark_to_light(name: str) -> None:
    brightness = pixels(COMMITTED / name).mean(axis=2)
    dark, light = np.percentile(brightness, [2, 98])
    assert dark < 70
    assert light > 160


@pytest.mark.parametrize("name", SIZES)
def test_pictures_have_structure_at_every_scale(name: str) -> None:
    """Detail remains after finer detail is averaged away: the picture is neither noise nor flat."""
    brightness = pixels(COMMITTED / name).mean(axis=2)
    spreads = [averaged(brightness, side).std() for side in (1, 4, 16, 64)]
    assert min(spreads) > 15
    assert spreads[0] > spreads[1] > spreads[2] > spreads[3]


@pytest.mark.parametrize("name", STYLES)
def test_strokes_cover_the_whole_style_picture(name: str) -> None:
    """Each square of 32 pixels has marks of a minimum contrast."""
    down, across = brightness_gradient(COMMITTED / name)
    energy = averaged(np.hypot(down, across), 32)
    assert energy.min() > 3
    assert energy.mean() > 8


def signature(name: str) -> NDArray[np.float64]:
    """Return rough statistics of a style: mean and deviation of its colours, and its detail at three scales."""
    picture = pixels(COMMITTED / name)
    down, across = brightness_gradient(COMMITTED / name)
    energy = np.hypot(down, across)
    busy = [averaged(energy, side).std() for side in (1, 4, 16)]
    return np.array([*picture.mean(axis=(0, 1)), *picture.std(axis=(0, 1)), energy.mean() * 4, *busy])


def test_no_two_styles_look_alike() -> None:
    signatures = np.array([signature(name) for name in STYLES])
    distances = np.linalg.norm(signatures[:, None] - signatures[None], axis=2)
    assert distances[~np.eye(len(STYLES), dtype=bool)].min() > 20


def test_strokes_of_the_style_picture_have_a_direction() -> None:
    """Coherence of the structure tensor over squares of 16 pixels: 0 for noise, 1 for parallel lines."""
    down, across = brightness_gradient(COMMITTED / "style-swirls.png")
    yy, xx, xy = (averaged(product, 16) for product in (down * down, across * across, down * across))
    coherence = np.hypot(yy - xx, 2 * xy) / (yy + xx)
    assert np.median(coherence) > 0.5


def test_style_picture_turns_every_way() -> None:
    """The directions of the strokes are spread over all orientations (0 to 180 degrees)."""
    down, across = brightness_gradient(COMMITTED / "style-swirls.png")
    yy, xx, xy = (averaged(product, 16) for product in (down * down, across * across, down * across))
    direction = np.arctan2(2 * xy, xx - yy)
    counts, _ = np.histogram(direction, bins=8, range=(-np.pi, np.pi))
    assert counts.min() > 0.04 * direction.size


def test_style_palette_has_cold_paint_and_warm_accents() -> None:
    picture = pixels(COMMITTED / "style-swirls.png")
    warmth = picture[..., 0] - picture[..., 2]
    assert 0.5 < (warmth < -40).mean() < 0.9
    assert 0.04 < (warmth > 60).mean() < 0.3
