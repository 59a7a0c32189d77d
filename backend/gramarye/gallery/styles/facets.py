"""Facets: a table with a guitar and bottles from several viewpoints, after the cubists of 1911."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..noise import FloatArray, fractal_noise, gaussian_blur, smooth_noise, smoothstep

SIDE = 576
"""Width and height in pixels."""

_SEED = 1911
_AXES = (0.35, -0.42, 1.2, -1.12, 1.57, 0.05)  # radians: the main directions of the picture

RGB = tuple[float, float, float]
_PALETTE: tuple[RGB, ...] = (
    (0.80, 0.64, 0.38),  # ochre
    (0.62, 0.44, 0.24),  # raw sienna
    (0.36, 0.25, 0.16),  # umber
    (0.16, 0.13, 0.11),  # dark umber
    (0.44, 0.49, 0.50),  # slate
    (0.29, 0.35, 0.39),  # dark slate
    (0.56, 0.58, 0.47),  # grey-green
    (0.91, 0.85, 0.70),  # cream
    (0.75, 0.72, 0.64),  # warm grey
)
_ACCENTS: tuple[RGB, ...] = ((0.66, 0.27, 0.14), (0.20, 0.36, 0.55))  # rust, blue


@dataclass(frozen=True)
class Plane:
    """A facet: a convex polygon of half-planes with ``normals`` (radians), ``reaches`` pixels from its centre.

    It is opaque at its first edge and fades away from it, which blends neighbouring facets.
    """

    y: float
    x: float
    normals: tuple[float, ...]
    reaches: tuple[float, ...]
    colour: RGB
    hatch: float
    strength: float


def draw_facets() -> FloatArray:
    """Return the picture (SIDE, SIDE, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    grain = fractal_noise(rng, (SIDE, SIDE), (3, 3), 2)
    tone = fractal_noise(rng, (SIDE, SIDE), (150, 120), 3)[..., None]
    picture = np.asarray(np.array(_PALETTE[5], np.float32) * (1 + np.float32(0.25) * tone), np.float32)
    for count, size in ((34, 190.0), (80, 105.0), (150, 58.0)):
        for _ in range(count):
            _lay(picture, _plane(rng, size), grain)
        if size < 150:
            _draw_things(picture, rng, grain)
    for _ in range(90):
        _lay(picture, _plane(rng, 40.0), grain)
    return np.asarray(np.clip(_weave(picture, rng), 0, 1), dtype=np.float32)


def _plane(rng: np.random.Generator, size: float) -> Plane:
    """Return a random facet; facets near the middle of the picture are smaller, lighter and denser."""
    y, x = rng.normal(0.5, 0.30, 2) * SIDE
    away = min(np.hypot(y / SIDE - 0.5, x / SIDE - 0.5) / 0.5, 1.4)
    start = rng.choice(_AXES) + rng.normal(0, 0.09)
    turns = np.sort(rng.uniform(-0.35, 0.35, 4)) + np.arange(4) * np.pi / 2
    reaches = size * rng.uniform(0.25, 1.0, 4) * (0.55 + 0.55 * away)
    tints = _ACCENTS if rng.random() < 0.075 else _PALETTE
    pick = int(len(tints) * rng.random() ** (1.15 if away > 0.9 else 0.9))
    return Plane(
        float(y),
        float(x),
        tuple(float(start + turn) for turn in turns),
        tuple(float(reach) for reach in reaches),
        tints[min(pick, len(tints) - 1)],
        float(start + rng.choice((0.0, 0.8, -0.7))),
        float(rng.uniform(0.65, 1.0)),
    )


def _lay(picture: FloatArray, plane: Plane, grain: FloatArray) -> None:
    """Draw a facet over the picture, with brush marks and a broken contour."""
    reach = int(1.6 * max(plane.reaches)) + 4
    top, left = max(0, int(plane.y) - reach), max(0, int(plane.x) - reach)
    window = np.s_[top : max(top, int(plane.y) + reach), left : max(left, int(plane.x) + reach)]
    rows, columns = picture[window].shape[:2]
    if rows < 2 or columns < 2:
        return
    y, x = np.mgrid[top : top + rows, left : left + columns].astype(np.float32)
    y, x = y - np.float32(plane.y), x - np.float32(plane.x)
    edges = [
        np.float32(r) - (np.float32(np.sin(a)) * y + np.float32(np.cos(a)) * x)
        for a, r in zip(plane.normals, plane.reaches, strict=True)
    ]
    inside = np.minimum.reduce(edges)
    fade = np.clip(edges[0] / np.float32(plane.reaches[0] + plane.reaches[2]), 0, 1)
    cover = smoothstep(-0.6, 0.8, inside) * np.float32(plane.strength) * (1 - np.float32(0.92) * fade**1.3)
    along = np.float32(np.cos(plane.hatch)) * x + np.float32(np.sin(plane.hatch)) * y
    across = np.float32(np.cos(plane.hatch)) * y - np.float32(np.sin(plane.hatch)) * x
    marks = np.sin(across * np.float32(0.95) + 2 * grain[window]) * (
        0.5 + 0.5 * np.sin(along * np.float32(0.21) + across)
    )
    light = np.float32(1.10) - np.float32(0.45) * fade + np.float32(0.19) * marks + np.float32(0.05) * grain[window]
    paint = np.array(plane.colour, np.float32) * light[..., None]
    region = picture[window]
    region += cover[..., None] * (paint - region)
    _contour(region, edges, along, grain[window])


def _contour(region: FloatArray, edges: list[FloatArray], along: FloatArray, grain: FloatArray) -> None:
    """Draw a broken dark line on the opaque edge and a broken shadow outside it."""
    near = np.minimum.reduce(edges[1:]) > -1
    line = (
        np.exp(-((edges[0] / np.float32(1.15)) ** 2)) * near * (np.sin(along * np.float32(0.045) + grain * 0.4) > -0.35)
    )
    shadow = np.exp(np.minimum(edges[0], 0) / np.float32(9)) * (edges[0] < 0) * near * np.float32(0.42)
    dark = np.clip(np.float32(0.85) * line + shadow, 0, 1)[..., None]
    region += dark * (np.array((0.08, 0.065, 0.06), np.float32) - region)


def _draw_things(picture: FloatArray, rng: np.random.Generator, grain: FloatArray) -> None:
    """Draw fragments of objects: outlines of a guitar, sound hole, strings, the neck of a bottle, scrolls."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    bend = np.float32(2.2) * smooth_noise(rng, y.shape, (45, 45))
    y, x = y + bend + np.float32(0.25) * grain, x - bend
    for radius, down, across, opening, turn in (
        (92, 0.60, 0.45, 0.9, 2.2),
        (66, 0.40, 0.58, 0.8, -0.6),
        (26, 0.52, 0.50, 2.2, 0.4),
        (120, 0.62, 0.47, 0.6, -1.3),
        (40, 0.22, 0.30, 1.3, 1.0),
        (34, 0.78, 0.76, 1.4, -2.0),
    ):
        dy, dx = y - down * SIDE, x - across * SIDE
        off = np.hypot(dy, dx) - radius
        turned = np.abs((np.arctan2(dy, dx) - turn + np.pi) % (2 * np.pi) - np.pi)
        arc = smoothstep(opening + 0.08, opening - 0.08, np.asarray(turned, np.float32))
        _stroke(picture, np.asarray(off, np.float32), np.asarray(arc, np.float32))
    for number in range(6):
        across = (x - 0.50 * SIDE) * np.float32(np.cos(0.35)) + (y - 0.5 * SIDE) * np.float32(np.sin(0.35))
        along = (y - 0.5 * SIDE) * np.float32(np.cos(0.35)) - (x - 0.5 * SIDE) * np.float32(np.sin(0.35))
        stretch = smoothstep(-170, -150, along) * smoothstep(110 + 9 * number, 96 + 9 * number, along)
        _stroke(picture, np.asarray(across - 7 * number + 18, np.float32), np.asarray(stretch * 0.75, np.float32), 0.9)


def _stroke(picture: FloatArray, off: FloatArray, cover: FloatArray, half: float = 1.5) -> None:
    """Draw a dark line where ``off`` is 0, with a light side and a shaded side."""
    line = np.exp(-((off / np.float32(half)) ** 2)) * cover
    shade = np.exp(-np.abs(off) / 16) * cover * np.where(off > 0, np.float32(0.34), np.float32(-0.22))
    picture *= (1 - np.clip(shade, -0.3, 0.6))[..., None]
    picture += (np.float32(0.9) * line)[..., None] * (np.array((0.07, 0.06, 0.055), np.float32) - picture)


def _weave(picture: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the picture with touches of a small flat brush and the weave of the canvas."""
    shape = (SIDE, SIDE)
    touches = gaussian_blur(np.asarray(rng.standard_normal(shape), np.float32), (1.3, 3.2))
    touches /= touches.std()
    canvas = smooth_noise(rng, shape, (2, 2))
    light = 1 + np.float32(0.085) * touches + np.float32(0.03) * canvas
    contrast = np.float32(0.46) + (picture - np.float32(0.43)) * np.float32(1.22)
    return np.asarray(contrast * light[..., None], np.float32)
