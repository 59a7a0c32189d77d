"""Layers to arrays and back: every layout and depth, exact alpha, no influence of hidden colours."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import ImageCms

from gramarye.errors import InputError
from gramarye.pixels.layer import apply_painting, to_picture, to_preview_buffer, to_u16_buffer
from gramarye_protocol.pixels import CHANNELS, PixelBuffer
from support.icc_profiles import profile

DTYPES = {"u8": np.uint8, "u16": np.uint16, "f16": np.float16, "f32": np.float32}
HEIGHT, WIDTH = 5, 7
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _array(layout: str, depth: str) -> np.ndarray:
    values = np.random.default_rng(3).random((HEIGHT, WIDTH, CHANNELS[layout]))
    full = {"u8": 255, "u16": 65535}.get(depth, 1)
    array = (values * full).astype(DTYPES[depth])
    if layout in ("RGBA", "BGRA", "GRAYA"):
        array[0, :3, -1] = 0
    return array


def _buffer(array: np.ndarray, layout: str, depth: str) -> PixelBuffer:
    return PixelBuffer(WIDTH, HEIGHT, layout, depth, array.tobytes(), _profile(layout), (-3, 4))


def _profile(layout: str) -> bytes:
    """Return the sRGB profile; empty for grey."""
    return b"" if layout.startswith("GRAY") else SRGB


def _back(pixels: PixelBuffer) -> np.ndarray:
    return np.frombuffer(pixels.data, DTYPES[pixels.depth]).reshape(HEIGHT, WIDTH, pixels.channels)


CASES = list(itertools.product(CHANNELS, DTYPES))


@pytest.mark.parametrize(("layout", "depth"), CASES)
def test_a_layer_repainted_with_itself_is_itself_bit_for_bit(layout: str, depth: str) -> None:
    array = _array(layout, depth)
    pixels = _buffer(array, layout, depth)
    again = apply_painting(pixels, to_picture(pixels))
    grey_rounding = {"f16": 1e-3, "f32": 1e-6}.get(depth, 0) if layout.startswith("GRAY") else 0
    np.testing.assert_allclose(_back(again).astype(float), array.astype(float), atol=grey_rounding)
    assert (again.layout, again.depth, again.profile, again.offset) == (layout, depth, _profile(layout), (-3, 4))


@pytest.mark.parametrize(("layout", "depth"), CASES)
def test_the_painting_replaces_what_is_visible_and_alpha_stays(layout: str, depth: str) -> None:
    array = _array(layout, depth)
    painting = np.full((HEIGHT, WIDTH, 3), (1.0, 0.0, 0.5), np.float32)
    result = _back(apply_painting(_buffer(array, layout, depth), painting))
    full = {"u8": 255, "u16": 65535}.get(depth, 1)
    expected = {"RGB": (1, 0, 0.5), "RGBA": (1, 0, 0.5), "BGRA": (0.5, 0, 1)}.get(layout, (0.2126 + 0.0722 / 2,))
    visible = array[..., -1] > 0 if layout in ("RGBA", "BGRA", "GRAYA") else np.ones((HEIGHT, WIDTH), bool)
    for channel, value in enumerate(expected):
        np.testing.assert_allclose(result[..., channel][visible] / full, value, atol=3e-3)
        np.testing.assert_array_equal(result[..., channel][~visible], array[..., channel][~visible])
    if layout in ("RGBA", "BGRA", "GRAYA"):
        np.testing.assert_array_equal(result[..., -1], array[..., -1])


def test_channel_orders_are_distinguished() -> None:
    array = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    array[...] = (10, 20, 30, 255)
    np.testing.assert_allclose(to_picture(_buffer(array, "RGBA", "u8"))[0, 0] * 255, (10, 20, 30), atol=1e-4)
    np.testing.assert_allclose(to_picture(_buffer(array, "BGRA", "u8"))[0, 0] * 255, (30, 20, 10), atol=1e-4)


def test_hidden_colour_does_not_reach_the_picture() -> None:
    array = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    array[...] = (200, 100, 50, 255)
    array[0] = (0, 255, 0, 0)
    picture = to_picture(_buffer(array, "RGBA", "u8"))
    np.testing.assert_allclose(picture * 255, np.broadcast_to((200, 100, 50), picture.shape), atol=1e-3)


def test_sixteen_bits_are_not_squeezed_into_eight() -> None:
    array = np.arange(HEIGHT * WIDTH * 3, dtype=np.uint16).reshape(HEIGHT, WIDTH, 3) + 30_000
    picture = to_picture(_buffer(array, "RGB", "u16"))
    assert len(np.unique(picture)) == array.size


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    array = _array("RGB", "f32")
    array[2, 3, 1] = value
    with pytest.raises(InputError) as caught:
        to_picture(_buffer(array, "RGB", "f32"))
    assert caught.value.code == "pixels-not-finite"


def test_a_fully_transparent_layer_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        to_picture(_buffer(np.zeros((HEIGHT, WIDTH, 2), np.uint8), "GRAYA", "u8"))
    assert caught.value.code == "pixels-transparent"


def test_linear_light_is_painted_as_it_looks_and_comes_back_linear() -> None:
    array = np.full((HEIGHT, WIDTH, 4), (0.2140, 0.2140, 0.2140, 1.0), np.float32)  # sRGB's middle grey
    linear = PixelBuffer(WIDTH, HEIGHT, "RGBA", "f32", array.tobytes(), profile("RGB ", 1.0))
    np.testing.assert_allclose(to_picture(linear), 0.5, atol=2e-3)
    back = _back(apply_painting(linear, np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)))
    np.testing.assert_allclose(back, array, atol=1e-3)


def test_a_grey_layer_of_another_gamma_keeps_it() -> None:
    array = np.full((HEIGHT, WIDTH, 2), (0.2140, 1.0), np.float32)
    linear = PixelBuffer(WIDTH, HEIGHT, "GRAYA", "f32", array.tobytes(), profile("GRAY", 1.0))
    np.testing.assert_allclose(to_picture(linear), 0.5, atol=3e-3)
    back = _back(apply_painting(linear, np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)))
    np.testing.assert_allclose(back, array, atol=2e-3)


def test_previews_are_eight_bit_rgb() -> None:
    preview = to_preview_buffer(np.full((2, 3, 3), (0.0, 0.5, 1.2), np.float32))
    assert (preview.width, preview.height, preview.layout) == (3, 2, "RGB")
    assert bytes(preview.data[:3]) == bytes((0, 128, 255))


@pytest.mark.parametrize(("layout", "depth"), CASES)
def test_uncovered_pixels_stay_bit_for_bit_and_half_covered_ones_mix(layout: str, depth: str) -> None:
    array = _array(layout, depth)
    pixels = _buffer(array, layout, depth)
    painting = np.full((HEIGHT, WIDTH, 3), 0.25, np.float32)
    coverage = np.zeros((HEIGHT, WIDTH), np.float32)
    coverage[2:, 2:4], coverage[2:, 4:] = 0.5, 1.0
    found = _back(apply_painting(pixels, painting, coverage=coverage))
    np.testing.assert_array_equal(found[:2], array[:2])
    np.testing.assert_array_equal(found[:, :2], array[:, :2])
    full = {"u8": 255.0, "u16": 65535.0}.get(depth, 1.0)
    colours = slice(0, 1 if layout.startswith("GRAY") else 3)
    half = (array[2:, 2:4, colours].astype(np.float64) + 0.25 * full) / 2.0
    np.testing.assert_allclose(found[2:, 2:4, colours], half, atol=full / 255.0)
    np.testing.assert_allclose(found[2:, 4:, colours], 0.25 * full, atol=full / 255.0)


def test_a_stored_painting_is_within_half_a_sixteen_bit_level() -> None:
    picture = np.random.default_rng(5).random((HEIGHT, WIDTH, 3)).astype(np.float32)
    kept = to_u16_buffer(picture)
    assert (kept.layout, kept.depth, kept.width, kept.height) == ("RGB", "u16", WIDTH, HEIGHT)
    assert np.abs(to_picture(kept) - picture).max() <= 0.5001 / 65535
