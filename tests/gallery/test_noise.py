"""Noise fields: repeatable, normalised, of the requested scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gramarye.gallery.noise import FloatArray, fractal_noise, lerp, sample_bilinear, smooth_noise, smoothstep


def rng() -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(11)


def roughness(field: FloatArray, axis: int) -> float:
    """Return the mean difference between neighbouring values."""
    return float(np.abs(np.diff(field, axis=axis)).mean())


@pytest.mark.parametrize("make", [smooth_noise, fractal_noise])
def test_noise_is_normalised_and_the_same_for_the_same_seed(make: Callable[..., FloatArray]) -> None:
    one, other = make(rng(), (90, 130), (12, 20)), make(rng(), (90, 130), (12, 20))
    np.testing.assert_array_equal(one, other)
    assert one.shape == (90, 130)
    assert one.mean() == pytest.approx(0, abs=1e-4)
    assert one.std() == pytest.approx(1, abs=1e-3)


def test_noise_changes_more_slowly_where_its_scale_is_larger() -> None:
    field = smooth_noise(rng(), (256, 256), (8, 32))
    assert roughness(field, axis=0) == pytest.approx(4 * roughness(field, axis=1), rel=0.35)


def test_octaves_add_fine_detail() -> None:
    one, five = (fractal_noise(rng(), (256, 256), (64, 64), octaves) for octaves in (1, 5))
    assert roughness(five, axis=0) > 1.5 * roughness(one, axis=0)


def test_sampling_between_pixels_is_linear() -> None:
    field = np.array([[0, 1], [2, 3]], np.float32)
    half = np.array([[0.5]], np.float32)
    assert sample_bilinear(field, half, half)[0, 0] == pytest.approx(1.5)
    assert sample_bilinear(field, half - 9, half + 9)[0, 0] == 1


def test_smoothstep_rises_and_falls() -> None:
    value = np.array([0, 1, 2, 3, 4], np.float32)
    np.testing.assert_allclose(smoothstep(1, 3, value), [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(smoothstep(3, 1, value), [1, 1, 0.5, 0, 0])


def test_mixing_goes_from_one_to_the_other() -> None:
    one, other = np.zeros(3, np.float32), np.full(3, 4, np.float32)
    np.testing.assert_allclose(lerp(one, other, np.array([0, 0.25, 1], np.float32)), [0, 1, 4])
