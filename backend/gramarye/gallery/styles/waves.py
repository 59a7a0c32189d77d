"""Waves: a rough sea in flowing lines, after Japanese colour woodblock prints of the Edo period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..noise import FloatArray, fractal_noise, smooth_noise, smoothstep

SIDE = 576
"""Width and height in pixels."""

_SEED = 1831
RGB = tuple[float, float, float]
_INDIGO, _PRUSSIAN, _BLUE = (0.06, 0.12, 0.26), (0.11, 0.25, 0.46), (0.27, 0.47, 0.66)
_PALE, _FOAM, _CREAM = (0.62, 0.76, 0.82), (0.97, 0.95, 0.88), (0.92, 0.84, 0.68)
_BEIGE, _VERMILION, _OUTLINE = (0.80, 0.68, 0.50), (0.80, 0.24, 0.13), (0.05, 0.09, 0.20)


@dataclass(frozen=True)
class Swell:
    """A band of waves: mean ``level`` and ``height`` as fractions of the side, ``length`` in crests per side.

    ``peak`` sharpens the crests and makes them lean; ``spacing`` is the distance of the lines at the crest, in pixels.
    """

    level: float
    height: float
    length: float
    turn: float
    peak: float
    spacing: float
    colours: tuple[RGB, RGB]


_SWELLS = (
    Swell(0.46, 0.030, 3.6, 0.3, 0.5, 6.5, (_PALE, _BLUE)),
    Swell(0.53, 0.055, 2.3, 2.0, 0.9, 8.0, (_BLUE, _PRUSSIAN)),
    Swell(0.63, 0.095, 1.55, 4.2, 1.25, 9.5, (_PALE, _BLUE)),
    Swell(0.74, 0.090, 1.9, 1.0, 1.15, 11.0, (_BLUE, _PRUSSIAN)),
    Swell(0.86, 0.110, 1.35, 5.2, 1.35, 13.0, (_PRUSSIAN, _INDIGO)),
    Swell(1.02, 0.085, 1.7, 2.9, 1.2, 14.0, (_BLUE, _INDIGO)),
)


class _Sheet:
    """The print in progress: its ``colour``, and the coordinates of each pixel."""

    def __init__(self, rng: np.random.Generator) -> None:
        axis = np.arange(SIDE, dtype=np.float32)
        self.y, self.x = np.meshgrid(axis, axis, indexing="ij")
        self.bend = smooth_noise(rng, self.y.shape, (70, 90))
        self.hand = smooth_noise(rng, self.y.shape, (24, 24))
        self.colour: FloatArray = np.zeros((SIDE, SIDE, 3), np.float32)

    def lay(self, colour: RGB | FloatArray, cover: FloatArray) -> None:
        """Blend a colour or a picture (SIDE, SIDE, 3) over the print with opacity ``cover``."""
        self.colour += np.asarray(cover, np.float32)[..., None] * (np.asarray(colour, np.float32) - self.colour)


def draw_waves() -> FloatArray:
    """Return the picture (SIDE, SIDE, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    sheet = _Sheet(rng)
    _sky(sheet)
    for number, swell in enumerate(_SWELLS):
        crest = _crest(sheet, swell)
        _water(sheet, swell, crest)
        _foam(sheet, rng, swell, crest[0], 0.55 + 0.17 * number)
        if number == 1:
            _boat(sheet)
    return _printed(sheet, rng)


def _graded(top: RGB, bottom: RGB, share: FloatArray) -> FloatArray:
    """Return a gradient from one colour to another (bokashi)."""
    return np.asarray(
        np.array(top, np.float32) + share[..., None] * (np.array(bottom, np.float32) - np.array(top)), np.float32
    )


def _lines(phase: FloatArray, spacing: float, width: FloatArray | float) -> FloatArray:
    """Return 1 on lines of constant ``phase``, ``spacing`` apart; ``width`` is their fraction of the spacing."""
    wave = phase / np.float32(spacing)
    off = np.abs(wave - np.round(wave)) * 2
    soft = np.float32(1.5 / spacing)
    return smoothstep(1, -1, np.asarray((off - width) / soft, np.float32))


def _sky(sheet: _Sheet) -> None:
    """Draw a graded sky with bands of lined cloud and a red sun behind them."""
    share = smoothstep(0.0, 0.42 * SIDE, sheet.y)
    sheet.lay(_graded(_BLUE, _CREAM, share), np.ones_like(sheet.y))
    radius = np.hypot(sheet.y - 0.235 * SIDE, sheet.x - 0.70 * SIDE)
    halo = _lines(np.asarray(radius + 2 * sheet.hand, np.float32), 9.0, 0.20) * smoothstep(
        150, 70, np.asarray(radius, np.float32)
    )
    sheet.lay(_BEIGE, halo * np.float32(0.9))
    sheet.lay(_VERMILION, smoothstep(58, 56.5, np.asarray(radius, np.float32)))
    sheet.lay(
        _CREAM, smoothstep(58, 56, np.asarray(radius, np.float32)) * _lines(sheet.y + 2 * sheet.hand, 10.0, 0.12) * 0.8
    )
    for level, thick, turn, colour in (
        (0.05, 0.050, 0.0, _FOAM),
        (0.155, 0.036, 1.7, _PALE),
        (0.265, 0.040, 3.1, _FOAM),
        (0.365, 0.030, 4.4, _PALE),
    ):
        _cloud(sheet, level, thick, turn, colour)


def _cloud(sheet: _Sheet, level: float, thick: float, turn: float, colour: RGB) -> None:
    """Draw a band of mist with a lobed outline, filled with lines along it."""
    x = sheet.x / SIDE
    middle = (level + 0.022 * np.sin(5 * x + turn)) * SIDE + 7 * sheet.bend
    half = SIDE * thick * np.clip(0.55 + 0.75 * np.sin(4.3 * x + 1.9 * turn), 0.05, 1.0)
    lobes = np.float32(5.0) * np.abs(np.sin(x * 42 + turn + 0.5 * sheet.hand))
    depth = np.asarray(half + lobes - np.abs(sheet.y - middle), np.float32)
    inside = smoothstep(-0.7, 0.7, depth)
    sheet.lay(colour, inside)
    sheet.lay(
        _BLUE,
        inside * _lines(np.asarray(sheet.y - middle + 1.5 * sheet.hand, np.float32), 6.5, 0.22) * np.float32(0.85),
    )
    sheet.lay(_PRUSSIAN, smoothstep(1.9, 0.8, np.abs(depth)))


def _crest(sheet: _Sheet, swell: Swell) -> tuple[FloatArray, FloatArray]:
    """Return each pixel's distance below the crest, and the phase angle of the wave there."""
    lean = swell.peak * np.float32(0.42)
    angle = 2 * np.pi * swell.length * sheet.x / SIDE + swell.turn + 0.55 * sheet.bend
    leaned = angle + lean * np.sin(angle)
    up = (1 - np.abs(np.sin(leaned / 2))) ** swell.peak
    level = SIDE * (swell.level - 2 * swell.height * (up - 0.4))
    return np.asarray(sheet.y - level, np.float32), np.asarray(leaned, np.float32)


def _water(sheet: _Sheet, swell: Swell, crest: tuple[FloatArray, FloatArray]) -> None:
    """Draw a graded body of water with lines that follow the crest and spread downwards."""
    depth, angle = crest
    inside = smoothstep(-0.7, 0.7, depth)
    reach = np.float32(SIDE * (0.10 + swell.height))
    sheet.lay(_graded(*swell.colours, np.clip(depth / reach, 0, 1)), inside)
    fall = np.asarray(depth * (1 + 0.25 * np.sin(angle)) + 3.0 * sheet.hand, np.float32)
    width = np.asarray(
        np.clip(0.42 - depth / (2.6 * reach) + 0.16 * np.sin(angle * 2 + depth / 23), 0.10, 0.62), np.float32
    )
    sheet.lay(_FOAM, inside * _lines(fall, swell.spacing * 1.7, width * np.float32(0.72)) * np.float32(0.88))
    sheet.lay(_OUTLINE, inside * _lines(fall + np.float32(swell.spacing * 0.85), swell.spacing * 1.7, 0.17))
    sheet.lay(_OUTLINE, smoothstep(2.2, 1.0, np.abs(depth)))


def _foam(sheet: _Sheet, rng: np.random.Generator, swell: Swell, depth: FloatArray, size: float) -> None:
    """Draw foam along the crest: outlined curls with a spiral in each, and drops above them."""
    columns = np.arange(6, SIDE - 6, 15 * size).astype(int)
    tops = np.argmax(depth > 0, axis=0)
    steep = np.median(tops) - tops
    for column in columns:
        if tops[column] == 0 or rng.random() > 0.35 + 0.65 * (steep[column] > 0.02 * SIDE):
            continue
        grow = 1 + 0.9 * max(0.0, float(steep[column]) / (swell.height * SIDE + 1))
        for _ in range(int(rng.integers(1, 4))):
            radius = size * grow * rng.uniform(4.0, 9.0)
            centre = (tops[column] + rng.uniform(-0.7, 1.2) * radius, column + rng.uniform(-9, 9) * size)
            _curl(sheet, centre, radius, float(rng.choice((-1, 1))))
        for _ in range(int(3 * grow)):
            place = (tops[column] - abs(rng.normal(0, 20 * size * grow)) - 4, column + rng.normal(0, 14 * size))
            _disc(sheet, place, rng.uniform(0.9, 2.6) * size + 0.6)


def _disc(sheet: _Sheet, centre: tuple[float, float], radius: float) -> None:
    window, distance, _ = _around(sheet, centre, radius + 3)
    _on(sheet, window, _FOAM, smoothstep(0.7, -0.7, distance - np.float32(radius)))


def _curl(sheet: _Sheet, centre: tuple[float, float], radius: float, hand: float) -> None:
    """Draw a curl of foam with a spiral line in it."""
    window, distance, angle = _around(sheet, centre, radius + 4)
    knob = distance - np.float32(radius) * (1 + np.float32(0.12) * np.sin(5 * angle))
    _on(sheet, window, _FOAM, smoothstep(0.7, -0.7, knob))
    spiral = np.asarray(distance - hand * angle / (2 * np.pi) * np.float32(0.55 * radius), np.float32)
    inner = smoothstep(0.3, -0.7, knob + 2)
    _on(sheet, window, _BLUE, inner * _lines(spiral, max(3.6, 0.55 * radius), 0.24) * np.float32(0.9))
    _on(sheet, window, _OUTLINE, smoothstep(1.5, 0.5, np.abs(knob)))


def _around(
    sheet: _Sheet, centre: tuple[float, float], reach: float
) -> tuple[tuple[slice, slice], FloatArray, FloatArray]:
    """Return a window of the sheet, with the distance and angle of its pixels from the centre."""
    top, left = max(0, int(centre[0] - reach)), max(0, int(centre[1] - reach))
    bottom, right = max(top, int(centre[0] + reach) + 1), max(left, int(centre[1] + reach) + 1)
    window = (slice(top, bottom), slice(left, right))
    dy, dx = sheet.y[window] - np.float32(centre[0]), sheet.x[window] - np.float32(centre[1])
    return window, np.asarray(np.hypot(dy, dx), np.float32), np.asarray(np.arctan2(dy, dx), np.float32)


def _on(sheet: _Sheet, window: tuple[slice, slice], colour: RGB, cover: FloatArray) -> None:
    region = sheet.colour[window]
    region += cover[..., None] * (np.array(colour, np.float32) - region)


def _boat(sheet: _Sheet) -> None:
    """Draw a long boat between the swells, vermilion below its rail."""
    along = (sheet.x - 0.20 * SIDE) / SIDE
    keel = (0.520 + 1.6 * along**2) * SIDE - 16 * np.abs(along * 6) ** 2.2
    body = np.asarray(np.minimum(sheet.y - keel + 13, keel - sheet.y), np.float32)
    inside = smoothstep(-0.7, 0.7, body) * (np.abs(along) < 0.13)
    sheet.lay(_VERMILION, inside)
    sheet.lay(_CREAM, inside * smoothstep(8.5, 9.5, np.asarray(keel - sheet.y, np.float32)))
    sheet.lay(_OUTLINE, smoothstep(1.7, 0.7, np.abs(body)) * (np.abs(along) < 0.13))


def _printed(sheet: _Sheet, rng: np.random.Generator) -> FloatArray:
    """Return the print with wood grain and paper fibre in every colour."""
    shape = (SIDE, SIDE)
    wood = smooth_noise(rng, shape, (2.0, 90)) + np.float32(0.5) * smooth_noise(rng, shape, (6, 200))
    paper = fractal_noise(rng, shape, (3, 3), 2)
    light = 1 + np.float32(0.030) * wood + np.float32(0.025) * paper
    aged = sheet.colour * light[..., None] * np.array((1.0, 0.99, 0.96), np.float32)
    return np.asarray(np.clip(aged, 0, 1), dtype=np.float32)
