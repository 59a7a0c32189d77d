"""Conversion between a profile and sRGB, compared with the profile's formula."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageCms

from gramarye.errors import InputError
from gramarye.pixels.icc_transform import IccTransform
from support.icc_profiles import profile


def encoded(linear: np.ndarray) -> np.ndarray:
    """Encode linear light by sRGB's curve (IEC 61966-2-1), in float64."""
    wide = np.asarray(linear, np.float64)
    return np.where(wide <= 0.0031308, wide * 12.92, 1.055 * wide ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("gamma", [1.0, 1.8])
def test_colours_are_what_the_profile_says(gamma: float) -> None:
    values = np.random.default_rng(1).uniform(0.02, 1.0, (300, 7, 3)).astype(np.float32)
    space = IccTransform(profile("RGB ", gamma), "rgb")
    assert not space.is_srgb
    np.testing.assert_allclose(space.to_srgb(values), encoded(values.astype(np.float64) ** gamma), atol=2e-3)


@pytest.mark.parametrize("gamma", [1.0, 2.6])
def test_grey_is_what_the_profile_says(gamma: float) -> None:
    values = np.linspace(0.02, 1.0, 60, dtype=np.float32).reshape(6, 10)
    space = IccTransform(profile("GRAY", gamma), "gray")
    expected = np.repeat(encoded(values.astype(np.float64) ** gamma)[..., None], 3, axis=2)
    np.testing.assert_allclose(space.to_srgb(values), expected, atol=3e-3)


@pytest.mark.parametrize(("kind", "space", "shape"), [("RGB ", "rgb", (300, 5, 3)), ("GRAY", "gray", (300, 5))])
def test_the_round_trip_is_exact_to_16_bits(kind: str, space: str, shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(2).uniform(0.0, 0.99, shape).astype(np.float32)
    there = IccTransform(profile(kind, 1.0), space)
    np.testing.assert_allclose(there.from_srgb(there.to_srgb(values)), values, atol=8 / 65535)


def test_srgb_by_another_program_is_srgb() -> None:
    assert IccTransform(b"", "rgb").is_srgb
    assert IccTransform(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), "rgb").is_srgb


@pytest.mark.parametrize("broken", [b"profile", profile("RGB ", 1.0)[:200], profile("GRAY", 1.0)])
def test_a_profile_that_does_not_match_is_refused(broken: bytes) -> None:
    with pytest.raises(InputError) as caught:
        IccTransform(broken, "rgb")
    assert caught.value.code == "profile-unreadable"
