"""Pointillism: a sunset by the sea, in about twenty thousand separate dabs of pure colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..colour import RGB, rgb_array
from ..noise import FloatArray, fractal_noise, lerp, smooth_noise, smoothstep
from ..strokes import Canvas, render_lighting

SIDE = 576
"""Width and height in pixels."""

_SEED = 1886
_HORIZON = 0.50
_SUN = (0.405, 0.655)  # down, across
_LINEN: RGB = (0.93, 0.88, 0.76)
# pure paints, some mixed with white; every dab uses one of them
_TUBES: tuple[RGB, ...] = (
    (0.10, 0.09, 0.34),  # indigo
    (0.11, 0.17, 0.58),  # ultramarine
    (0.16, 0.36, 0.78),  # cobalt
    (0.38, 0.60, 0.88),  # cerulean
    (0.64, 0.80, 0.93),  # pale cerulean
    (0.05, 0.30, 0.30),  # deep viridian
    (0.10, 0.50, 0.42),  # viridian
    (0.42, 0.74, 0.64),  # pale viridian
    (0.26, 0.58, 0.22),  # emerald
    (0.58, 0.76, 0.24),  # yellow green
    (0.98, 0.93, 0.66),  # pale lemon
    (0.98, 0.86, 0.32),  # lemon
    (0.97, 0.70, 0.18),  # cadmium yellow
    (0.94, 0.48, 0.14),  # orange
    (0.96, 0.68, 0.46),  # apricot
    (0.84, 0.24, 0.16),  # vermilion
    (0.70, 0.14, 0.30),  # madder
    (0.93, 0.52, 0.56),  # rose
    (0.96, 0.76, 0.74),  # pale rose
    (0.40, 0.20, 0.56),  # violet
    (0.62, 0.48, 0.78),  # mauve
    (0.80, 0.72, 0.88),  # pale mauve
)
# the sky from the sun outwards: distance as a share of the side, colour
_SKY: tuple[tuple[float, RGB], ...] = (
    (0.00, (1.00, 0.97, 0.72)),
    (0.07, (0.99, 0.86, 0.42)),
    (0.15, (0.97, 0.72, 0.40)),
    (0.24, (0.95, 0.66, 0.60)),
    (0.34, (0.82, 0.66, 0.80)),
    (0.46, (0.50, 0.62, 0.88)),
    (0.62, (0.28, 0.45, 0.82)),
    (0.85, (0.16, 0.26, 0.66)),
)
# crowns of the pines: down, across, half height, half width
_CROWNS = (
    (0.13, 0.10, 0.100, 0.19),
    (0.20, 0.27, 0.075, 0.15),
    (0.05, 0.26, 0.075, 0.17),
    (0.28, 0.06, 0.070, 0.13),
    (0.53, 0.955, 0.075, 0.085),
    (0.47, 0.90, 0.050, 0.065),
    (0.60, 0.90, 0.050, 0.080),
)


@dataclass(frozen=True)
class Motif:
    """The scene to paint: ``colour`` (height, width, 3) 0..1, and ``angle`` (height, width) of the dabs in radians."""

    colour: FloatArray
    angle: FloatArray


@dataclass(frozen=True)
class Pass:
    """One pass over the canvas; lengths in pixels.

    ``spread`` is the allowed distance of a dab's paint from the motif's colour, ``accent`` (0..1) the fraction of dabs
    in its complement, ``share`` (0..1) the fraction of positions that get a dab.
    """

    spacing: float
    size: float
    spread: float
    accent: float
    share: float


_PASSES = (
    Pass(spacing=8.2, size=10.5, spread=0.10, accent=0.00, share=0.90),
    Pass(spacing=7.6, size=8.2, spread=0.15, accent=0.06, share=0.86),
    Pass(spacing=7.4, size=6.2, spread=0.18, accent=0.13, share=0.75),
)


def draw_pointillism() -> FloatArray:
    """Return the picture (SIDE, SIDE, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    motif = _motif(rng)
    canvas = Canvas(_linen(rng), np.zeros((SIDE, SIDE), np.float32))
    for going_over in _PASSES:
        _go_over(canvas, going_over, motif, rng)
    return render_lighting(canvas, depth=0.20, gloss=0.05)


def _linen(rng: np.random.Generator) -> FloatArray:
    """Return a primed canvas with its weave."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    weave = np.sin(y * np.float32(2.1)) + np.sin(x * np.float32(2.1)) + smooth_noise(rng, (SIDE, SIDE), (5, 5))
    return np.asarray(rgb_array(_LINEN) * (1 + np.float32(0.025) * weave)[..., None], dtype=np.float32)


def _motif(rng: np.random.Generator) -> Motif:
    """Draw sky, hills, sea, shore and pines, one over the other."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    colour = _sky(rng, y, x)
    angle = np.arctan2(y - _SUN[0], x - _SUN[1]) + np.float32(np.pi / 2)
    _hills(colour, y, x)
    _sea(rng, colour, y, x)
    angle = np.where(y > _HORIZON, np.float32(0), angle)
    _sails(colour, y, x)
    ashore = _shore(rng, colour, y, x)
    angle = lerp(angle, np.full_like(angle, 0.35), ashore)
    wooded = _pines(rng, colour, y, x)
    angle = lerp(angle, np.float32(1.2) * smooth_noise(rng, (SIDE, SIDE), (50, 50)), wooded)
    return Motif(colour, angle)


def _lay(colour: FloatArray, paint: FloatArray, share: FloatArray) -> None:
    """Blend ``paint`` over the picture with opacity ``share``, in place."""
    colour += (paint - colour) * share[..., None]


def _sky(rng: np.random.Generator, y: FloatArray, x: FloatArray) -> FloatArray:
    """Return rings of light around the sun, and streaks of cloud."""
    distance = np.hypot((y - _SUN[0]) * np.float32(1.15), x - _SUN[1])
    rings = (
        distance
        + np.float32(0.018) * np.sin(distance * 55)
        + np.float32(0.012) * smooth_noise(rng, (SIDE, SIDE), (60, 120))
    )
    places, paints = zip(*_SKY, strict=True)
    channels = [np.interp(rings, places, channel) for channel in zip(*paints, strict=True)]
    colour = np.stack(channels, axis=-1).astype(np.float32)
    cloud = smoothstep(0.55, 1.3, fractal_noise(rng, (SIDE, SIDE), (26, 130), 3))
    warmth = smoothstep(0.6, 0.1, distance)[..., None]
    _lay(colour, lerp(rgb_array((0.86, 0.74, 0.90)), rgb_array((1.0, 0.62, 0.42)), warmth), cloud * np.float32(0.8))
    _lay(colour, rgb_array((1.0, 0.98, 0.80)), smoothstep(0.050, 0.038, distance))
    return colour


def _hills(colour: FloatArray, y: FloatArray, x: FloatArray) -> None:
    """Draw two blue headlands at the horizon, warm where they face the sun."""
    far = _HORIZON - 0.075 * np.exp(-(((x - 0.98) / 0.20) ** 2)) - 0.012 * np.sin(x * 17) * (x > 0.7)
    _lay(
        colour,
        lerp(rgb_array((0.60, 0.46, 0.76)), rgb_array((0.93, 0.56, 0.56)), (y < far + 0.02)[..., None]),
        smoothstep(-0.002, 0.002, y - far),
    )
    near = _HORIZON - 0.11 * np.exp(-(((x - 0.30) / 0.17) ** 2)) - 0.012 * np.sin(x * 31)
    slope = lerp(
        rgb_array((0.20, 0.26, 0.64)), rgb_array((0.88, 0.52, 0.50)), (np.sin(x * 60 + y * 90) > 0.45)[..., None]
    )
    _lay(colour, slope, smoothstep(-0.002, 0.002, y - near))


def _sea(rng: np.random.Generator, colour: FloatArray, y: FloatArray, x: FloatArray) -> None:
    """Draw water that darkens towards the shore, with a path of sunlight on its waves."""
    depth = np.clip((y - _HORIZON) / 0.4, 0, 1)
    waves = smooth_noise(rng, (SIDE, SIDE), (7, 44)) * np.float32(0.7) + smooth_noise(rng, (SIDE, SIDE), (14, 90))
    water = lerp(rgb_array((0.44, 0.70, 0.82)), rgb_array((0.08, 0.24, 0.58)), depth[..., None] ** np.float32(0.8))
    water = lerp(water, rgb_array((0.10, 0.50, 0.46)), smoothstep(0.3, 1.5, waves)[..., None] * np.float32(0.75))
    water = lerp(water, rgb_array((0.66, 0.52, 0.80)), smoothstep(-0.5, -1.6, waves)[..., None] * np.float32(0.7))
    path = np.exp(-(((x - _SUN[1]) / (0.045 + 0.28 * depth)) ** 2)) * smoothstep(-0.9, 0.6, waves + 1 - 1.5 * depth)
    water = lerp(
        water, lerp(rgb_array((1.0, 0.88, 0.46)), rgb_array((0.98, 0.60, 0.30)), depth[..., None]), path[..., None]
    )
    _lay(colour, water, smoothstep(-0.001, 0.001, y - np.float32(_HORIZON)))


def _sails(colour: FloatArray, y: FloatArray, x: FloatArray) -> None:
    """Draw three sailing boats with their reflections."""
    for at, foot, size, paint in (
        (0.50, 0.585, 0.135, (0.98, 0.92, 0.80)),
        (0.80, 0.560, 0.085, (0.93, 0.46, 0.22)),
        (0.395, 0.530, 0.050, (0.98, 0.80, 0.62)),
    ):
        up = (foot - y) / size
        aside = (x - at) / size
        sail = (
            (up > 0.05) & (up < 1) & (aside < 0.46 * np.maximum(1 - up, 0) ** 0.8) & (aside > -0.05 - 0.22 * (1 - up))
        )
        _lay(colour, rgb_array(paint), sail.astype(np.float32))
        _lay(colour, rgb_array((0.50, 0.40, 0.70)), (sail & (aside < 0)).astype(np.float32))
        down = -up
        image = (down > 0.1) & (down < 0.85) & (np.abs(aside - 0.08) < 0.3 * (1 - down))
        _lay(colour, rgb_array(paint), image * np.float32(0.6))
        hull = (np.abs(up + 0.02) < 0.08) & (np.abs(aside - 0.1) < 0.42 - up)
        _lay(colour, rgb_array((0.14, 0.12, 0.42)), hull.astype(np.float32))


def _shore(rng: np.random.Generator, colour: FloatArray, y: FloatArray, x: FloatArray) -> FloatArray:
    """Draw a bank of grass and sand with blue shadows; return its coverage, 0..1."""
    wander = smooth_noise(rng, (SIDE, SIDE), (70, 70)) * np.float32(0.012)
    edge = 0.70 + 0.20 * smoothstep(0.05, 0.75, x) - 0.10 * smoothstep(0.78, 1.05, x) + wander
    tufts = fractal_noise(rng, (SIDE, SIDE), (22, 60), 3)
    bank = lerp(rgb_array((0.97, 0.72, 0.40)), rgb_array((0.62, 0.74, 0.26)), smoothstep(-0.2, 0.5, tufts)[..., None])
    bank = lerp(bank, rgb_array((0.94, 0.56, 0.52)), smoothstep(0.5, 1.6, -tufts)[..., None])
    bars = np.sin((x * 0.55 + y) * 36 + tufts * 0.6) + 3.2 * smoothstep(0.55, 0.02, x) * smoothstep(0.8, 1.0, y) - 0.5
    bank = lerp(bank, rgb_array((0.20, 0.20, 0.56)), smoothstep(0.1, 0.7, bars)[..., None] * np.float32(0.88))
    share = smoothstep(-0.002, 0.002, y - edge)
    _lay(colour, bank, share)
    return share


def _pines(rng: np.random.Generator, colour: FloatArray, y: FloatArray, x: FloatArray) -> FloatArray:
    """Draw dark pines lit from the sun's side; return the coverage of their crowns, 0..1."""
    for foot, root, top, lean, girth in (
        (0.88, 0.155, 0.12, 0.05, 0.021),
        (0.80, 0.30, 0.14, -0.06, 0.013),
        (0.86, 0.945, 0.5, -0.03, 0.012),
    ):
        t = np.clip((foot - y) / (foot - top), 0, 1)
        aside = (x - root - lean * t - 0.035 * np.sin(t * 5)) / (girth * (1.25 - 0.6 * t))
        trunk = smoothstep(1.05, 0.9, np.abs(aside)) * (y < foot) * (y > top)
        bark = lerp(
            rgb_array((0.22, 0.12, 0.42)), rgb_array((0.93, 0.44, 0.22)), smoothstep(0.1, 0.6, aside)[..., None]
        )
        _lay(colour, bark, trunk)
    ragged = fractal_noise(rng, (SIDE, SIDE), (30, 44), 4, 0.65)
    wooded = np.zeros_like(y)
    for down, across, tall, wide in _CROWNS:
        dy, dx = (y - down) / tall, (x - across) / wide
        share = smoothstep(1.08, 0.96, np.hypot(dy, dx) + np.float32(0.16) * ragged)
        light = np.float32(0.55) * dx - np.float32(0.42) * dy + np.float32(0.42) * ragged
        leaf = lerp(
            rgb_array((0.07, 0.13, 0.36)), rgb_array((0.07, 0.40, 0.34)), smoothstep(-0.5, 0.2, light)[..., None]
        )
        leaf = lerp(leaf, rgb_array((0.44, 0.68, 0.22)), smoothstep(0.15, 0.6, light)[..., None])
        leaf = lerp(leaf, rgb_array((0.98, 0.74, 0.26)), smoothstep(0.6, 0.95, light)[..., None])
        _lay(colour, leaf, share)
        wooded = np.maximum(wooded, share)
    return wooded


def _go_over(canvas: Canvas, brush: Pass, motif: Motif, rng: np.random.Generator) -> None:
    """Paint one pass of dabs on a jittered grid, in random order."""
    count = int(np.ceil(SIDE / brush.spacing)) + 2
    cells = np.argsort(rng.random(count * count))
    dice = rng.random((count * count, 8))
    for cell, die in zip(cells, dice, strict=True):
        if die[0] > brush.share:
            continue
        row, column = divmod(int(cell), count)
        y = (row - 0.5 + 0.85 * die[1]) * brush.spacing
        x = (column - 0.5 + 0.5 * (row % 2) + 0.85 * die[2]) * brush.spacing
        place = min(max(int(y), 0), SIDE - 1), min(max(int(x), 0), SIDE - 1)
        paint = _divided(motif.colour[place], brush, rng) * np.float32(0.97 + 0.06 * die[3])
        angle = float(motif.angle[place]) + 0.5 * (2 * die[4] - 1)
        _dab(canvas, (y, x), angle, brush.size * (0.8 + 0.4 * die[5]), 1.0 + 0.5 * die[6], paint)


def _divided(seen: FloatArray, brush: Pass, rng: np.random.Generator) -> FloatArray:
    """Choose a pure paint from those that mix optically to the colour ``seen``."""
    wanted = seen
    if rng.random() < brush.accent:
        grey = seen.mean()
        wanted = np.clip(grey + np.float32(1.1) * (grey - seen), 0, 1)
    tubes = np.array(_TUBES, np.float32)
    chances = np.exp(-((tubes - wanted) ** 2).sum(axis=1) / np.float32(2 * brush.spread**2))
    return np.asarray(tubes[_drawn(chances, rng.random())], dtype=np.float32)


def _drawn(chances: FloatArray, die: float) -> int:
    total: NDArray[np.float64] = np.cumsum(chances, dtype=np.float64)
    return min(int(np.searchsorted(total, die * total[-1])), len(chances) - 1)


def _dab(
    canvas: Canvas, place: tuple[float, float], angle: float, size: float, stretch: float, paint: FloatArray
) -> None:
    """Paint one dab, ``size`` pixels wide and ``stretch`` times as long along ``angle``."""
    reach = size * stretch / 2 + 1.5
    top, left = max(int(place[0] - reach), 0), max(int(place[1] - reach), 0)
    window = slice(top, max(int(place[0] + reach) + 2, 0)), slice(left, max(int(place[1] + reach) + 2, 0))
    relief = canvas.relief[window]
    dy = np.arange(top, top + relief.shape[0], dtype=np.float32)[:, None] - np.float32(place[0])
    dx = np.arange(left, left + relief.shape[1], dtype=np.float32)[None, :] - np.float32(place[1])
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u, v = (cos * dx + sin * dy) / np.float32(stretch), cos * dy - sin * dx
    radius = np.hypot(u, v) * np.float32(2 / size)
    cover = np.clip((1 - radius) * np.float32(size / 2) + np.float32(0.5), 0, 1)
    colour = canvas.colour[window]
    colour += cover[..., None] * (paint - colour)
    # the bristles leave a raised rim and a hollow centre
    relief += cover * (np.float32(0.9) + np.float32(0.7) * radius * radius - np.float32(0.7) * relief)
