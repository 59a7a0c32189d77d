"""Swirls: whirls of light in a night wind, in about ten thousand strokes of thick paint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..colour import rgb_array
from ..noise import FloatArray, fractal_noise, gaussian_blur, smooth_noise, smoothstep
from ..strokes import Bristles, Canvas, Stroke, paint, render_lighting

SIDE = 608
"""Width and height in pixels."""

_SEED = 1889
_STRIDE = 4.0  # pixels between samples along the wind

Row = tuple[tuple[float, float, float], ...]
Dice = NDArray[np.float64]
# tubes of paint, from the dark sky to the centre of a light
_TUBES = (
    (0.05, 0.06, 0.24),  # midnight
    (0.08, 0.12, 0.42),  # ultramarine
    (0.10, 0.22, 0.60),  # cobalt
    (0.14, 0.36, 0.70),  # azure
    (0.16, 0.48, 0.58),  # teal
    (0.40, 0.66, 0.66),  # sea foam
    (0.70, 0.80, 0.70),  # pale jade
    (0.95, 0.91, 0.74),  # cream
    (0.97, 0.82, 0.42),  # naples yellow
    (0.91, 0.65, 0.18),  # ochre
    (0.88, 0.43, 0.12),  # orange
)
_EMBERS = (
    (0.42, 0.17, 0.14),  # madder
    (0.74, 0.32, 0.11),  # rust
    (0.90, 0.55, 0.15),  # orange
    (0.94, 0.72, 0.26),  # ochre
    (0.97, 0.82, 0.42),  # naples yellow
)


@dataclass(frozen=True)
class Whirl:
    """A vortex: centre and ``radius`` as fractions of the side, and ``light`` (0..1) at its centre.

    ``spin`` is its strength, positive if it turns clockwise on the screen.
    """

    x: float
    y: float
    radius: float
    spin: float
    light: float


_WHIRLS = (
    Whirl(0.35, 0.36, 0.235, 1.25, 0.92),
    Whirl(0.77, 0.22, 0.135, -1.0, 1.0),
    Whirl(0.74, 0.66, 0.185, -1.1, 0.80),
    Whirl(0.20, 0.81, 0.135, -1.0, 0.95),
    Whirl(0.50, 0.90, 0.085, 0.9, 0.85),
    Whirl(0.06, 0.13, 0.095, -0.9, 0.85),
    Whirl(0.955, 0.90, 0.095, 0.9, 0.9),
    Whirl(0.95, 0.43, 0.07, 0.8, 0.8),
)


@dataclass(frozen=True)
class Wind:
    """The flow at each pixel: ``angle`` in radians and ``curvature`` of the flow lines in 1/pixels."""

    angle: FloatArray
    curvature: FloatArray


@dataclass(frozen=True)
class Sketch:
    """The design that the strokes follow: wind, ``tone`` (0..1, position in the row of tubes), and embers (0..1)."""

    wind: Wind
    tone: FloatArray
    embers: FloatArray


@dataclass(frozen=True)
class Pass:
    """One pass with one brush; lengths in pixels. ``detail`` (0..1) is how much it is confined to the lights."""

    spacing: float
    width: float
    length: float
    load: float
    dryness: float
    jitter: float
    detail: float


_PASSES = (
    Pass(spacing=20.0, width=40.0, length=120.0, load=2.0, dryness=0.2, jitter=0.07, detail=0.0),
    Pass(spacing=14.5, width=25.0, length=96.0, load=3.4, dryness=0.45, jitter=0.12, detail=0.1),
    Pass(spacing=11.5, width=16.0, length=70.0, load=4.2, dryness=0.5, jitter=0.14, detail=0.45),
    Pass(spacing=10.5, width=9.0, length=46.0, load=4.2, dryness=0.5, jitter=0.15, detail=0.95),
)


def draw_swirls() -> FloatArray:
    """Return the picture (SIDE, SIDE, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    wind = _wind(rng)
    sketch = Sketch(wind, _tone(rng, wind), _embers(rng, wind))
    bristles = Bristles(rng, spacing=1.3, run=30.0)
    canvas = Canvas(_ground(sketch.tone), np.zeros((SIDE, SIDE), np.float32))
    for going_over in _PASSES:
        _go_over(canvas, going_over, sketch, bristles, rng)
    return render_lighting(canvas)


def _grid() -> tuple[FloatArray, FloatArray]:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    return y, x


def _wind(rng: np.random.Generator) -> Wind:
    """Return the flow along the level lines of a stream function: whirls in a meandering drift."""
    y, x = _grid()
    drift_y = smooth_noise(rng, (SIDE, SIDE), (230, 300)) * np.float32(0.30)
    drift_x = np.float32(1.0) + smooth_noise(rng, (SIDE, SIDE), (230, 300)) * np.float32(0.25)
    flow_y, flow_x = drift_y * np.float32(0.55), drift_x * np.float32(0.55)
    for whirl in _WHIRLS:
        dy, dx = y - np.float32(whirl.y), x - np.float32(whirl.x)
        distance = np.hypot(dy, dx) + np.float32(1e-4)
        share = np.exp(-((distance / np.float32(whirl.radius * 1.15)) ** 4))
        strength = np.float32(2.6 * whirl.spin) * share / distance
        flow_y = flow_y * (1 - share) + strength * (dx - np.float32(0.10) * dy)
        flow_x = flow_x * (1 - share) - strength * (dy + np.float32(0.10) * dx)
    angle = np.arctan2(flow_y, flow_x)
    cos, sin = np.cos(angle), np.sin(angle)
    cos_y, cos_x = np.gradient(cos)
    sin_y, sin_x = np.gradient(sin)
    # curvature of a flow line: the derivative of its direction along the line
    curvature = (cos * (sin_x * cos + sin_y * sin) - sin * (cos_x * cos + cos_y * sin)).astype(np.float32)
    return Wind(angle.astype(np.float32), np.clip(curvature, -0.12, 0.12))


def _tone(rng: np.random.Generator, wind: Wind) -> FloatArray:
    """Return each pixel's position in the row of tubes, 0..1: ribbons along the wind, rings of light in the whirls."""
    y, x = _grid()
    ribbons = _drawn_along(fractal_noise(rng, (SIDE, SIDE), (34, 34), 3, 0.8), wind, 58)
    ribbons /= ribbons.std()
    broad = smooth_noise(rng, (SIDE, SIDE), (170, 220))
    tone = np.float32(0.23) + np.float32(0.115) * ribbons + np.float32(0.05) * broad
    for whirl in _WHIRLS:
        dy, dx = y - np.float32(whirl.y), x - np.float32(whirl.x)
        nearness = np.hypot(dy, dx) / np.float32(whirl.radius)
        turn = np.arctan2(dy, dx) * np.float32(np.sign(whirl.spin))
        arms = np.cos(np.float32(2 * np.pi * 2.3) * nearness - turn + np.float32(0.5) * ribbons)
        halo = smoothstep(1.12, 0.25, nearness)
        heart = smoothstep(0.40, 0.12, nearness)
        tone += halo * np.float32(whirl.light) * (np.float32(0.30) + np.float32(0.19) * arms)
        tone += heart * (np.float32(whirl.light) - np.float32(0.08) * ribbons - tone)
    return np.clip(tone, 0, 1)


def _drawn_along(field: FloatArray, wind: Wind, reach: float) -> FloatArray:
    """Return the field averaged along the wind, ``reach`` pixels each way.

    Line integral convolution: Cabral & Leedom, SIGGRAPH 1993.
    """
    start_y, start_x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    step_y, step_x = np.sin(wind.angle) * _STRIDE, np.cos(wind.angle) * _STRIDE
    steps = round(reach / _STRIDE)
    total = field.copy()
    for direction in (1, -1):
        y, x = start_y, start_x
        rows, columns = y.astype(np.intp), x.astype(np.intp)
        for _ in range(steps):
            y, x = y + direction * step_y[rows, columns], x + direction * step_x[rows, columns]
            rows, columns = (np.clip(place, 0, SIDE - 1).astype(np.intp) for place in (y, x))
            total += field[rows, columns]
    return gaussian_blur(total / np.float32(2 * steps + 1), 1.5)


def _embers(rng: np.random.Generator, wind: Wind) -> FloatArray:
    """Return streaks along the wind where warm paint shows, 0..1; none in the centres, which are warm already."""
    streaks = _drawn_along(fractal_noise(rng, (SIDE, SIDE), (24, 24), 2, 0.7), wind, 70)
    return smoothstep(0.7, 2.2, streaks / streaks.std())


def _ground(tone: FloatArray) -> FloatArray:
    """Return a slightly darker version of the final colours, which shows between strokes."""
    places = np.linspace(0, 1, len(_TUBES))
    channels = [np.interp(tone - np.float32(0.05), places, paints) for paints in zip(*_TUBES, strict=True)]
    return np.stack(channels, axis=-1).astype(np.float32)


def _go_over(canvas: Canvas, brush: Pass, sketch: Sketch, bristles: Bristles, rng: np.random.Generator) -> None:
    """Paint one pass of strokes on a jittered grid, in random order."""
    count = int(np.ceil(SIDE / brush.spacing)) + 2
    cells = np.argsort(rng.random(count * count))
    dice = rng.random((count * count, 9))
    edge_y, edge_x = np.gradient(gaussian_blur(sketch.tone, brush.width * 0.35))
    contrast = np.hypot(edge_y, edge_x) * brush.width
    for cell, die in zip(cells, dice, strict=True):
        y = (cell // count - 0.5 + die[0]) * brush.spacing
        x = (cell % count - 0.5 + die[1]) * brush.spacing
        row, column = _pixel(y), _pixel(x)
        interest = min(1.0, 0.25 + 0.9 * float(sketch.tone[row, column]) + 2.0 * float(contrast[row, column]))
        if die[2] < brush.detail * (1.15 - interest):
            continue
        paint(canvas, _stroke(brush, sketch, x, y, die[3:]), bristles, (int(die[7] * 511), int(die[8] * 511)))


def _stroke(brush: Pass, sketch: Sketch, x: float, y: float, die: Dice) -> Stroke:
    """Return a stroke along the wind at (x, y) in paint of the tone there; ``die`` is six random numbers in 0..1."""
    row, column = _pixel(y), _pixel(x)
    curvature = float(sketch.wind.curvature[row, column])
    length = brush.length * (0.65 + 0.7 * die[0])
    length = max(min(length, 1.9 / (abs(curvature) + 1e-6)), 0.6 * brush.width + 4)
    width = min(brush.width * (0.7 + 0.6 * die[1]), length * 0.6)
    position = float(sketch.tone[row, column]) + brush.jitter * (2 * die[2] - 1) * (0.35 + 0.65 * die[3])
    partner = position + 0.10 * (2 * die[4] - 1)
    tubes = _EMBERS if die[4] < float(sketch.embers[row, column]) else _TUBES
    return Stroke(
        x=x,
        y=y,
        angle=float(sketch.wind.angle[row, column]) + 0.16 * (2 * die[5] - 1),
        curvature=curvature,
        length=length,
        width=width,
        colours=(_squeezed(tubes, position), _squeezed(tubes, partner)),
        load=brush.load,
        dryness=brush.dryness,
    )


def _pixel(place: float) -> int:
    """Return the row or column at ``place``, clamped to the canvas."""
    return min(max(int(place), 0), SIDE - 1)


def _squeezed(tubes: Row, position: float) -> FloatArray:
    """Return paint from a row of tubes at ``position`` 0..1: mostly one tube, mixed with a little of its neighbour."""
    place = min(max(position, 0.0), 1.0) * (len(tubes) - 1)
    low = min(int(place), len(tubes) - 2)
    part = place - low
    share = part * part * (3 - 2 * part)
    one, other = rgb_array(tubes[low]), rgb_array(tubes[low + 1])
    return np.asarray(one + (other - one) * np.float32(share), dtype=np.float32)
