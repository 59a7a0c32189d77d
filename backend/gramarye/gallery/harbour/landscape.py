"""The background: evening sky, clouds, and hills that fade with distance."""

from __future__ import annotations

import numpy as np

from ..colour import RGB, rgb_array
from ..noise import FloatArray, fractal_noise, gaussian_blur, lerp, sample_bilinear, smooth_noise, smoothstep
from .matte import FINE, HEIGHT, SHAPE, SUN, WATERLINE

_HEIGHTS = (0.0, 0.25, 0.48, 0.62, 0.70)
_COLOURS = ((0.15, 0.22, 0.44), (0.30, 0.36, 0.58), (0.66, 0.55, 0.62), (0.95, 0.68, 0.48), (1.0, 0.80, 0.54))


def draw_sky(rng: np.random.Generator) -> FloatArray:
    """Return the sky for the whole picture (rows, columns, 3), RGB 0..1."""
    y, x = _grid()
    wander = np.float32(0.012) * smooth_noise(rng, SHAPE, (120, 400))
    height = y / HEIGHT + wander
    sky = np.stack([np.interp(height, _HEIGHTS, channel) for channel in zip(*_COLOURS, strict=True)], axis=-1).astype(
        np.float32
    )
    near_sun = _near_sun(y, x)
    sky += near_sun[..., None] * rgb_array((0.34, 0.20, 0.02))
    sky = lerp(sky, rgb_array((1.0, 0.93, 0.72)), smoothstep(16, 11, np.hypot(y - SUN[1], x - SUN[0]))[..., None])
    return _with_clouds(rng, sky, y, near_sun)


def draw_hills(rng: np.random.Generator, picture: FloatArray) -> FloatArray:
    """Return the picture with two far ridges and the near hill behind the town."""
    y, x = _grid()
    far = 272 - 16 * _ridge(rng, x, 150) - 12 * np.exp(-(((x - 640) / 120) ** 2))
    middle = 280 - 12 * _ridge(rng, x, 95) - 14 * smoothstep(640, 420, x)
    near = 302 - 122 * smoothstep(540, 190, x) + 18 * smoothstep(150, 0, x) - 7 * _ridge(rng, x, 60)
    picture = _hill(rng, picture, y - far, (0.60, 0.50, 0.60), 0.05)
    picture = _hill(rng, picture, y - middle, (0.40, 0.38, 0.50), 0.10)
    return _hill(rng, picture, y - near, (0.23, 0.25, 0.22), 0.30)


def _grid() -> tuple[FloatArray, FloatArray]:
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]].astype(np.float32) / FINE
    return y, x


def _near_sun(y: FloatArray, x: FloatArray) -> FloatArray:
    distance = np.hypot((y - SUN[1]) * np.float32(1.5), x - SUN[0])
    return np.asarray(np.exp(-distance / 105), np.float32)


def _with_clouds(rng: np.random.Generator, sky: FloatArray, y: FloatArray, near_sun: FloatArray) -> FloatArray:
    """Add banks of cloud, thinner and flatter towards the horizon, lit from below on the sun's side."""
    columns = np.arange(SHAPE[1], dtype=np.float32)[None, :]
    warp = np.float32(16 * FINE) * smooth_noise(rng, SHAPE, (60 * FINE, 90 * FINE))
    field = fractal_noise(rng, SHAPE, (46 * FINE, 150 * FINE), 7, 0.55)
    # perspective: the log of the height above the horizon compresses far clouds
    lift = np.log((np.float32(WATERLINE + 40) - np.minimum(y, WATERLINE)) / 40) * np.float32(165 * FINE)
    density = sample_bilinear(field, np.clip(lift + warp * np.float32(0.5), 0, SHAPE[0] - 1), columns + warp)
    density += np.float32(0.55) * np.sin(lift / (38 * FINE) + 1.1)
    cover = smoothstep(0.1, 1.25, density)
    soft = gaussian_blur(density, 5.0 * FINE)
    towards_sun = np.clip(np.roll(soft, -7 * FINE, axis=0) - soft, -1, 1)
    lit = np.clip(0.42 - 1.1 * towards_sun + 0.55 * near_sun - 0.22 * (density - 0.7), 0, 1)[..., None]
    low = smoothstep(60, 250, y)[..., None]
    shadow = lerp(rgb_array((0.24, 0.27, 0.45)), rgb_array((0.62, 0.42, 0.50)), low)
    light = lerp(rgb_array((0.86, 0.66, 0.66)), rgb_array((1.0, 0.72, 0.44)), low)
    return lerp(sky, lerp(shadow, light, lit), (cover * np.float32(0.9))[..., None])


def _ridge(rng: np.random.Generator, x: FloatArray, scale: float) -> FloatArray:
    """Return a random ridge line over x, about 0..1.6, the same for every row."""
    line = fractal_noise(rng, (4, SHAPE[1]), (8, scale * FINE), 6, 0.45)[:1]
    return np.asarray(np.broadcast_to(0.7 + 0.5 * line, x.shape), np.float32)


def _hill(rng: np.random.Generator, picture: FloatArray, below: FloatArray, colour: RGB, texture: float) -> FloatArray:
    """Add a hill where ``below`` (pixels below its ridge) is positive; ``texture`` is the contrast of its trees."""
    trees = fractal_noise(rng, SHAPE, (7 * FINE, 9 * FINE), 4, 0.6)
    crowns = np.float32(4.0 * texture) * np.maximum(trees, 0)
    ground = rgb_array(colour) * (1 + np.float32(texture) * np.clip(trees, -1.6, 1.6))[..., None]
    slope = np.roll(trees, -2 * FINE, axis=1) - trees
    ground += np.float32(texture * 0.30) * np.maximum(slope, 0)[..., None] * rgb_array((1.0, 0.62, 0.30))
    haze = rgb_array((0.72, 0.52, 0.52)) if texture < 0.2 else rgb_array((0.33, 0.30, 0.34))
    ground = lerp(ground, haze, (smoothstep(6, 52, below) * np.float32(0.45))[..., None])
    return lerp(picture, ground, smoothstep(-0.6, 0.6, below + crowns)[..., None])
