"""Stained glass: a sun over fields of coloured, leaded panes, lit from behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..noise import FloatArray, fractal_noise, gaussian_blur, smooth_noise, smoothstep

SIDE = 576
"""Width and height in pixels."""

_SEED = 1248
_CENTRE = (0.42, 0.56)  # of the sun, down and across, as fractions of the side

Labels = NDArray[np.int64]
Row = tuple[float, float, float]


@dataclass(frozen=True)
class Ring:
    """A ring of panes around the sun, up to ``radius`` (fraction of the side), in ``sectors`` of ``colours``."""

    radius: float
    sectors: int
    turn: float
    colours: tuple[Row, ...]


_RUBY, _CRIMSON = (0.72, 0.04, 0.07), (0.50, 0.02, 0.10)
_AMBER, _GOLD, _STRAW = (0.97, 0.58, 0.06), (0.99, 0.76, 0.16), (0.99, 0.92, 0.58)
_COBALT, _SKY, _NIGHT = (0.05, 0.16, 0.68), (0.24, 0.52, 0.90), (0.06, 0.07, 0.36)
_EMERALD, _LEAF, _MOSS = (0.03, 0.46, 0.24), (0.42, 0.70, 0.14), (0.10, 0.28, 0.13)
_VIOLET, _LILAC, _CLEAR = (0.38, 0.12, 0.56), (0.68, 0.50, 0.84), (0.90, 0.94, 0.90)

_RINGS = (
    Ring(0.055, 1, 0.0, (_STRAW,)),
    Ring(0.115, 8, 0.2, (_GOLD, _AMBER)),
    Ring(0.200, 16, 0.0, (_AMBER, _RUBY, _GOLD, _CRIMSON)),
    Ring(0.240, 40, 0.1, (_CLEAR, _RUBY)),
    Ring(0.350, 20, 0.5, (_SKY, _COBALT, _VIOLET, _COBALT)),
    Ring(0.385, 56, 0.0, (_GOLD, _NIGHT, _CLEAR, _NIGHT)),
)
_SKY_PANES = (_COBALT, _NIGHT, _SKY, _VIOLET, _LILAC, _COBALT)
_FIELD_PANES = (_EMERALD, _LEAF, _MOSS, _AMBER, _EMERALD, _RUBY)


def draw_stained_glass() -> FloatArray:
    """Return the picture (SIDE, SIDE, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    panes, colours = _design(rng)
    lead = _lead(panes, rng)
    glass = _glass(panes, colours, rng)
    glow = 1 + np.float32(0.22) * smoothstep(0, 14, lead)
    return np.asarray(np.clip(_leaded(glass * glow[..., None], lead, rng), 0, 1), dtype=np.float32)


def _design(rng: np.random.Generator) -> tuple[Labels, FloatArray]:
    """Return the pane of each pixel, and the colour of each pane (panes, 3)."""
    y, x = _grid(rng)
    radius = np.hypot(y - _CENTRE[0], x - _CENTRE[1])
    angle = np.arctan2(y - _CENTRE[0], x - _CENTRE[1]) / (2 * np.pi)
    panes = np.full(y.shape, -1, np.int64)
    colours: list[Row] = []
    inner = 0.0
    for ring in _RINGS:
        inside = (radius >= inner) & (radius < ring.radius)
        sector = np.floor((angle + ring.turn / ring.sectors) % 1.0 * ring.sectors).astype(np.int64)
        panes[inside] = len(colours) + sector[inside]
        colours += [ring.colours[index % len(ring.colours)] for index in range(ring.sectors)]
        inner = ring.radius
    land = y > 0.76 + 0.05 * np.sin(7 * x) + 0.03 * np.sin(17 * x + 1)
    for region, palette, count in ((~land, _SKY_PANES, 130), (land, _FIELD_PANES, 110)):
        outside = region & (panes < 0)
        cells = _cells(y, x, count, rng)
        panes[outside] = len(colours) + cells[outside]
        colours += [palette[rng.integers(len(palette))] for _ in range(count)]
    return panes, np.asarray(colours, np.float32)


def _grid(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return positions 0..1 down and across, slightly distorted like glass cut by hand."""
    axis = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    y, x = np.meshgrid(axis, axis, indexing="ij")
    bend = [np.float32(0.0035) * smooth_noise(rng, y.shape, (40, 40)) for _ in range(2)]
    return y + bend[0], x + bend[1]


def _cells(y: FloatArray, x: FloatArray, count: int, rng: np.random.Generator) -> Labels:
    """Return the nearest of ``count`` weighted random points: panes of different sizes, the long ones horizontal."""
    centres = rng.random((count, 2)).astype(np.float32)
    weights = rng.uniform(0.0, 0.03, count).astype(np.float32)
    nearest = np.full(y.shape, np.inf, np.float32)
    found = np.zeros(y.shape, np.int64)
    for index, (down, across) in enumerate(centres):
        distance = np.hypot(1.5 * (y - down), x - across) - weights[index]
        closer = distance < nearest
        nearest[closer], found[closer] = distance[closer], index
    return found


def _lead(panes: Labels, rng: np.random.Generator) -> FloatArray:
    """Return each pixel's distance to the lead in pixels; negative on the lead."""
    edge = np.zeros(panes.shape, bool)
    edge[1:] |= panes[1:] != panes[:-1]
    edge[:, 1:] |= panes[:, 1:] != panes[:, :-1]
    distance = ndimage.distance_transform_edt(~edge)
    half_width = 2.3 + 0.7 * smooth_noise(rng, panes.shape, (60, 60))
    return np.asarray(gaussian_blur(np.asarray(distance, np.float32), 0.6) - np.clip(half_width, 1.4, 4.2), np.float32)


def _glass(panes: Labels, colours: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the colours with streaks, bubbles and waves of blown glass, different for each pane."""
    shape = panes.shape
    streaks = [fractal_noise(rng, shape, scale, 4) for scale in ((6, 60), (60, 6), (22, 22))]
    pick = rng.integers(0, 3, len(colours))[panes]
    streak = np.choose(pick, streaks)
    shade = rng.uniform(0.72, 1.22, len(colours)).astype(np.float32)[panes]
    fine = fractal_noise(rng, shape, (5, 5), 2)
    light = shade * np.exp(np.float32(0.20) * streak + np.float32(0.07) * fine)
    seeds = gaussian_blur(np.asarray(rng.random(shape) > 0.9965, np.float32), 0.9) * 5
    colour = colours[panes] * light[..., None]
    washed = np.float32(0.10) * np.maximum(streak, 0) + np.float32(0.55) * np.clip(seeds, 0, 1)
    return np.asarray(colour + (1 - colour) * washed[..., None], np.float32)


def _leaded(glass: FloatArray, lead: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the glass, darkened towards the lead, with the rounded, dull lead over it."""
    shadow = np.float32(0.45) + np.float32(0.55) * smoothstep(-1, 7, lead)
    dark = glass * shadow[..., None]
    round_ = np.clip(-lead / 3, 0, 1)
    metal = 0.035 + 0.13 * round_ * (0.6 + 0.4 * smooth_noise(rng, lead.shape, (5, 5)))
    came = np.stack([metal * 0.95, metal, metal * 1.08], axis=2)
    return np.asarray(dark + (came - dark) * smoothstep(0.6, -0.6, lead)[..., None], np.float32)
