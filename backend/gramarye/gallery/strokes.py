"""Brush strokes: arcs of wet paint with bristle marks, and the lighting of their relief."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .noise import FloatArray, gaussian_blur, smoothstep

_BRISTLE_MAP = 512  # side of the bristle texture in pixels, a power of two


@dataclass(frozen=True)
class Stroke:
    """One brush stroke; lengths in pixels, angles in radians (y down), colours 0..1.

    ``curvature`` is 1/radius, positive if the path turns clockwise on the screen. ``colours`` are the two paints on
    the brush, mixed by its bristles. ``load`` is the thickness of the paint; ``dryness`` (0..1) how soon it runs out.
    """

    x: float
    y: float
    angle: float
    curvature: float
    length: float
    width: float
    colours: tuple[FloatArray, FloatArray]
    load: float
    dryness: float


@dataclass(frozen=True)
class Canvas:
    """The painted surface: ``colour`` (height, width, 3) 0..1 and ``relief`` (height, width), the paint's thickness."""

    colour: FloatArray
    relief: FloatArray


class Bristles:
    """A texture of bristle marks; each stroke uses its own part of it."""

    def __init__(self, rng: np.random.Generator, spacing: float, run: float) -> None:
        """``spacing`` is the distance between bristles, ``run`` the length of a mark along the stroke; in pixels."""
        side = _BRISTLE_MAP
        hairs = np.asarray(rng.standard_normal((side, side)), np.float32)
        fine = gaussian_blur(hairs, (spacing * 0.7, run))
        clumps = gaussian_blur(np.asarray(rng.standard_normal((side, side)), np.float32), (spacing * 2.5, run * 1.6))
        marks = fine / fine.std() + 0.8 * clumps / clumps.std()
        self.marks: FloatArray = np.asarray(0.5 + 0.5 * np.tanh(0.75 * marks), dtype=np.float32)

    def along(self, u: FloatArray, v: FloatArray, offset: tuple[int, int]) -> FloatArray:
        """Return marks in 0..1 at ``u`` pixels along and ``v`` pixels across a stroke."""
        mask = _BRISTLE_MAP - 1
        rows = (v + np.float32(offset[0])).astype(np.int32) & mask
        columns = (u + np.float32(offset[1])).astype(np.int32) & mask
        return np.asarray(self.marks[rows, columns], dtype=np.float32)


def paint(canvas: Canvas, stroke: Stroke, bristles: Bristles, offset: tuple[int, int]) -> None:
    """Paint a stroke over the canvas, in place; ``offset`` (0..511 each) selects the part of the bristle texture."""
    window = _window(canvas, stroke)
    if window is None:
        return
    u, v = _along_arc(stroke, window)
    marks = bristles.along(u, v, offset)
    along = u * np.float32(2 / stroke.length)  # -1 at the start, 1 at the end
    across = v * np.float32(2 / stroke.width)
    cover = _coverage(stroke, along, across, marks)
    mix = np.clip(marks * np.float32(0.85) + across * np.float32(0.22), 0, 1)[..., None]
    first, second = stroke.colours
    colour = canvas.colour[window]
    colour += cover[..., None] * (first + (second - first) * mix - colour)
    # paint piles up at the edges and at the end, and the bristles furrow it
    off_centre, lift = across * across, np.maximum(along, 0)
    heap = 0.9 * marks + 0.35 * off_centre * off_centre + 0.25 * lift * lift * lift
    relief = canvas.relief[window]
    relief += cover * (np.float32(stroke.load) * heap - np.float32(0.65) * relief)


def render_lighting(canvas: Canvas, depth: float = 0.36, gloss: float = 0.14) -> FloatArray:
    """Return the canvas (height, width, 3), 0..1, lit from the upper left.

    ``depth`` is the strength of the relief's shading, ``gloss`` that of the highlights on wet paint.
    """
    relief = gaussian_blur(canvas.relief, 0.75)
    slope_y, slope_x = np.gradient(relief)
    facing = np.tanh(1.4 * (0.62 * slope_x + 0.78 * slope_y)).astype(np.float32)
    shade = 1 + np.float32(depth) * facing
    # cool shadows, warm lights
    tint = np.stack([shade, shade, shade - np.float32(0.03) * facing], axis=-1)
    shine = np.float32(gloss) * np.maximum(facing - np.float32(0.35), 0)[..., None] * np.float32(1.5)
    return np.asarray(np.clip(canvas.colour * tint + shine, 0, 1), dtype=np.float32)


def _window(canvas: Canvas, stroke: Stroke) -> tuple[slice, slice] | None:
    """Return the rows and columns of the canvas that the stroke can reach; None if it is outside."""
    height, width = canvas.relief.shape
    half = stroke.length / 2 + 1
    sag = abs(stroke.curvature) * half * half / 2
    side = stroke.width / 2 + sag + 1
    cos, sin = abs(np.cos(stroke.angle)), abs(np.sin(stroke.angle))
    reach_x, reach_y = cos * half + sin * side, sin * half + cos * side
    top, bottom = max(int(stroke.y - reach_y), 0), min(int(stroke.y + reach_y) + 2, height)
    left, right = max(int(stroke.x - reach_x), 0), min(int(stroke.x + reach_x) + 2, width)
    if top >= bottom or left >= right:
        return None
    return slice(top, bottom), slice(left, right)


def _along_arc(stroke: Stroke, window: tuple[slice, slice]) -> tuple[FloatArray, FloatArray]:
    """Return each pixel's position, in pixels, along and across the arc through the stroke's centre."""
    dy = np.arange(window[0].start, window[0].stop, dtype=np.float32)[:, None] - np.float32(stroke.y)
    dx = np.arange(window[1].start, window[1].stop, dtype=np.float32)[None, :] - np.float32(stroke.x)
    cos, sin = np.float32(np.cos(stroke.angle)), np.float32(np.sin(stroke.angle))
    forward, aside = cos * dx + sin * dy, cos * dy - sin * dx
    bend = stroke.curvature if abs(stroke.curvature) > 1e-3 else 1e-3
    radius = np.float32(1 / bend)
    inward = radius - aside
    sign = np.float32(np.sign(bend))
    u = np.abs(radius) * np.arctan2(forward, sign * inward)
    v = radius - sign * np.hypot(forward, inward)
    return np.asarray(u, dtype=np.float32), np.asarray(v, dtype=np.float32)


def _coverage(stroke: Stroke, along: FloatArray, across: FloatArray, marks: FloatArray) -> FloatArray:
    """Return the opacity of the paint: 1 inside, ragged at the edge and where bristles run dry."""
    ragged = np.float32(0.5) * (marks - np.float32(0.5))
    ends = 1 - np.abs(along) + ragged * np.float32(min(1.0, stroke.width / stroke.length * 2))
    ends *= np.float32(stroke.length / stroke.width)  # in half widths, so that the ends are round
    inside = np.minimum(ends, 1) - 1
    edge = 1 - np.sqrt(inside * inside + across * across) + ragged * np.float32(0.6)
    cover = np.clip(edge * np.float32(stroke.width / 2.4), 0, 1)
    dry = np.float32(stroke.dryness) * (along + np.float32(0.2))
    return np.asarray(cover * smoothstep(-0.12, 0.12, marks + np.float32(0.1) - dry), dtype=np.float32)
