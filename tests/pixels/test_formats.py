"""Dither: values on a level are kept, others are mixed, and the result does not depend on bands."""

from __future__ import annotations

import numpy as np
import pytest

from gramarye.pixels.formats import ROWS_PER_BAND, array_to_buffer, quantise
from gramarye.pixels.layer import apply_painting, to_picture
from gramarye_protocol.pixels import PixelBuffer
from support.icc_profiles import profile


def test_values_on_a_level_are_kept() -> None:
    levels = np.tile(np.arange(256, dtype=np.float32)[None, :, None] / np.float32(255.0), (700, 1, 3))
    for shift in (0.0, 1e-5, -1e-5):
        found = quantise(levels + np.float32(shift), "u8", dithered=True)
        np.testing.assert_array_equal(found, np.broadcast_to(np.arange(256)[None, :, None], found.shape))


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.7])
def test_between_two_levels_both_are_mixed_and_their_mean_is_the_value(fraction: float) -> None:
    found = quantise(np.full((64, 64, 3), (100.0 + fraction) / 255.0, np.float32), "u8", dithered=True)
    assert set(found.flat) == {100, 101}
    small = found.reshape(8, 8, 8, 8, 3).mean(axis=(1, 3))  # means of 8x8 blocks
    np.testing.assert_allclose(found.mean(axis=(0, 1)), 100.0 + fraction, atol=1 / 12)
    np.testing.assert_allclose(small, 100.0 + fraction, atol=0.15)


def test_channels_have_different_dither() -> None:
    found = quantise(np.full((32, 32, 3), 0.5, np.float32), "u8", dithered=True)
    assert not np.array_equal(found[..., 0], found[..., 1])


def test_dither_is_deterministic_and_independent_of_bands() -> None:
    values = np.random.default_rng(1).random((3 * ROWS_PER_BAND + 5, 9, 3), np.float32)
    whole = quantise(values, "u8", dithered=True)
    np.testing.assert_array_equal(whole, quantise(values, "u8", dithered=True))
    flat = np.full_like(values, 0.3)
    np.testing.assert_array_equal(
        quantise(flat, "u8", dithered=True)[: ROWS_PER_BAND + 3],
        quantise(flat[: ROWS_PER_BAND + 3], "u8", dithered=True),
    )


def test_sixteen_bits_and_floats_are_not_dithered() -> None:
    array = np.random.default_rng(2).random((50, 40, 3), np.float32)
    for depth, full in (("u16", 65535.0), ("f32", 1.0)):
        layer = array_to_buffer(np.zeros((50, 40, 3)), "RGB", depth)
        found = apply_painting(layer, array)
        dtype = {"u16": "<u2", "f32": "<f4"}[depth]
        expected = np.rint(array * np.float32(full)) if depth == "u16" else array
        np.testing.assert_array_equal(np.frombuffer(found.data, dtype).reshape(array.shape), expected)


def test_a_gradient_on_an_eight_bit_layer_has_no_steps() -> None:
    gradient = np.tile(np.linspace(0.4, 0.41, 600, dtype=np.float32)[None, :, None], (64, 1, 3))  # 2.5 levels
    found = np.frombuffer(
        apply_painting(array_to_buffer(np.zeros(gradient.shape), "RGB", "u8"), gradient).data, np.uint8
    )
    columns = found.reshape(64, 600, 3)[..., 1].mean(axis=0).reshape(-1, 20).mean(axis=1)
    np.testing.assert_allclose(columns, gradient[0, :, 1].reshape(-1, 20).mean(axis=1) * 255.0, atol=0.12)


@pytest.mark.parametrize("gamma", [1.0, 1.8])
def test_a_layer_of_another_profile_repainted_with_itself_stays(gamma: float) -> None:
    levels = np.random.default_rng(3).integers(16, 256, (90, 80, 3), dtype=np.uint8)
    layer = PixelBuffer(80, 90, "RGB", "u8", levels.tobytes(), profile("RGB ", gamma))
    assert bytes(apply_painting(layer, to_picture(layer)).data) == levels.tobytes()


def test_every_level_of_a_sixteen_bit_gradient_survives_being_painted_as_it_is() -> None:
    ramp = np.repeat(np.arange(1 << 16, dtype="<u2").reshape(256, 256, 1), 3, axis=2)
    gradient = array_to_buffer(ramp, "RGB", "u16")
    found = np.frombuffer(apply_painting(gradient, to_picture(gradient)).data, "<u2").reshape(ramp.shape)
    assert len(np.unique(found[..., 0])) == 65536 > 256
    np.testing.assert_array_equal(found, ramp)
