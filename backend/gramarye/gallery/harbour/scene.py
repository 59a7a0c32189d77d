"""Composes the content picture: a small harbour town at dusk."""

from __future__ import annotations

import numpy as np

from ..colour import rgb_array
from ..noise import FloatArray, gaussian_blur, smooth_noise
from .boats import FLEET, draw_boat, wood_grain
from .landscape import draw_hills, draw_sky
from .matte import FINE, HEIGHT, SHAPE, WIDTH, over
from .town import draw_town
from .water import Water, draw_water, float_boat

_SEED = 7
_LAMPLIGHT = (1.0, 0.60, 0.24)


def draw_scene() -> FloatArray:
    """Return the picture (HEIGHT, WIDTH, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    picture = draw_hills(rng, draw_sky(rng))
    town = draw_town(rng)
    picture = _lamplit(over(picture, town.plate), town.glow)
    water = Water(rng)
    picture = draw_water(water, picture)
    wood = wood_grain(rng)
    for boat in FLEET:
        picture = float_boat(water, picture, draw_boat(boat, wood), boat.waterline)
    return _developed(rng, picture)


def _lamplit(picture: FloatArray, glow: FloatArray) -> FloatArray:
    """Add the light of windows and lamps on their surroundings."""
    spread = np.float32(0.22) * gaussian_blur(glow, 2.0 * FINE) + np.float32(0.42) * gaussian_blur(glow, 8.0 * FINE)
    return np.asarray(picture + spread[..., None] * rgb_array(_LAMPLIGHT), np.float32)


def _developed(rng: np.random.Generator, picture: FloatArray) -> FloatArray:
    """Add photographic effects (bloom, highlight roll-off, vignette, grain) and reduce to the final size."""
    bright = np.maximum(picture - np.float32(0.75), 0)
    picture = picture + np.float32(0.25) * gaussian_blur(bright, (9.0 * FINE, 9.0 * FINE, 0))
    picture = np.where(picture > 0.8, 0.8 + 0.2 * np.tanh((picture - 0.8) / 0.2), picture)
    y, x = np.mgrid[-1 : 1 : SHAPE[0] * 1j, -1 : 1 : SHAPE[1] * 1j]
    picture = picture * (1 - 0.14 * (x * x + y * y) ** 1.5 / 2)[..., None]
    small = picture.reshape(HEIGHT, FINE, WIDTH, FINE, 3).mean(axis=(1, 3))
    small = small + 0.16 * (small - small.mean(axis=2, keepdims=True))
    small = small + 0.22 * small * (1 - small) * (2 * small - 0.62)
    grain = smooth_noise(rng, (HEIGHT, WIDTH), (1.6, 1.6))[..., None]
    tones = rng.standard_normal((HEIGHT, WIDTH, 3)) * 0.003
    return np.asarray(np.clip(small + 0.005 * grain + tones, 0, 1), np.float32)
