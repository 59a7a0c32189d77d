"""Harbour water: reflections distorted by ripples that widen towards the viewer."""

from __future__ import annotations

import numpy as np

from ..colour import rgb_array
from ..noise import FloatArray, fractal_noise, lerp, sample_bilinear, smoothstep
from .matte import FINE, HEIGHT, SHAPE, SUN, WATERLINE, WIDTH, Plate

_FIRST = int(WATERLINE - 4) * FINE  # first row of the plate that can be water
_DEEP = (0.04, 0.12, 0.19)
_SHALLOW = (0.12, 0.22, 0.31)


class Water:
    """The plate's rows of water: position (``y``, ``x``), ``below`` (pixels under the waterline), ``slope``, ``swell``.

    ``slope`` and ``swell`` are noise of unit deviation in perspective; ``nearness`` increases from 0 at the quay to 1.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        """Create the ripples, with lengths and heights that depend on distance."""
        self.y, self.x = np.mgrid[_FIRST : SHAPE[0], 0 : SHAPE[1]].astype(np.float32) / FINE
        self.below: FloatArray = np.maximum(self.y - np.float32(WATERLINE), 0)
        self.nearness: FloatArray = self.below / np.float32(HEIGHT - WATERLINE)
        row = np.log(self.below + np.float32(7.0)) * np.float32(75 * FINE)
        column = (self.x - WIDTH / 2) * np.float32(FINE / 2) / (np.float32(0.40) + np.float32(0.60) * self.nearness)
        row, column = row - row.min(), column - column.min()
        size = int(np.ceil(row.max())) + 2, int(np.ceil(column.max())) + 2
        self.slope: FloatArray = sample_bilinear(
            fractal_noise(rng, size, (4.6 * FINE, 24 * FINE), 4, 0.62), row, column
        )
        self.swell: FloatArray = sample_bilinear(fractal_noise(rng, size, (20 * FINE, 110 * FINE), 2, 0.5), row, column)

    def mirrored(self, field: FloatArray, about: float) -> FloatArray:
        """Return the water's rows of ``field`` mirrored at the height ``about``, distorted by the ripples.

        ``field`` is (rows, columns, channels) of the whole plate.
        """
        bend = (np.float32(1.6) + 8 * self.nearness) * (self.slope + np.float32(0.5) * self.swell)
        out = np.zeros((*self.y.shape, field.shape[2]), np.float32)
        for smear in (-1.0, 0.0, 1.0):
            up = 2 * np.float32(about) - self.y + bend + np.float32(smear) * (1 + 4 * self.nearness)
            aside = self.x + np.float32(0.16) * bend
            for channel in range(field.shape[2]):
                out[..., channel] += sample_bilinear(field[..., channel], up * FINE, aside * FINE)
        return np.asarray(out / 3, np.float32)


def draw_water(water: Water, picture: FloatArray) -> FloatArray:
    """Return the picture with water below the waterline, which reflects the picture above it."""
    mirror = water.mirrored(picture, WATERLINE)
    body = lerp(rgb_array(_SHALLOW), rgb_array(_DEEP), water.nearness[..., None])
    facing = np.clip(0.16 + 0.30 * water.nearness + 0.10 * water.slope + 0.08 * water.swell, 0.04, 0.85)
    surface = lerp(mirror * np.float32(0.94), body, facing[..., None])
    crest = smoothstep(0.7, 2.2, water.slope + 0.4 * water.swell) * (0.5 + 0.5 * water.nearness)
    surface += (crest * np.float32(0.17))[..., None] * rgb_array((0.85, 0.80, 0.95))
    surface += _glitter(water)[..., None] * rgb_array((1.0, 0.66, 0.30))
    wet = smoothstep(-0.5, 0.5, water.y - np.float32(WATERLINE))[..., None]
    return np.concatenate([picture[:_FIRST], lerp(picture[_FIRST:], surface, wet)])


def float_boat(water: Water, picture: FloatArray, boat: Plate, waterline: float) -> FloatArray:
    """Return the picture with a boat on the water and its reflection."""
    depth = water.y - np.float32(waterline)
    mirror = water.mirrored(np.concatenate([boat.colour, boat.alpha[..., None]], axis=2), waterline)
    strength = (np.float32(0.86) * smoothstep(110, 0, depth) * smoothstep(-0.5, 0.5, depth))[..., None]
    colour, alpha = mirror[..., :3] * strength, mirror[..., 3:] * strength
    wet = picture[_FIRST:] * (1 - alpha) + lerp(colour * np.float32(0.82), rgb_array(_DEEP) * alpha, 0.2)
    afloat = smoothstep(1.0, -0.8, depth - np.float32(0.5) * water.slope)[..., None]
    wet = wet * (1 - boat.alpha[_FIRST:, :, None] * afloat) + boat.colour[_FIRST:] * afloat
    dry = picture[:_FIRST] * (1 - boat.alpha[:_FIRST, :, None]) + boat.colour[:_FIRST]
    return np.concatenate([dry, wet])


def _glitter(water: Water) -> FloatArray:
    """Return the sun's glitter path on the water."""
    spread = np.float32(12) + np.float32(0.42) * water.below
    road = np.exp(-(((water.x - np.float32(SUN[0])) / spread) ** 2))
    sparks = smoothstep(0.2, 1.3, water.slope)
    return np.asarray(road * (0.14 + 0.62 * sparks) * (1 - 0.55 * water.nearness), np.float32)
