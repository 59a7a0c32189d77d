"""The basis of the matte painting: its size, and flat, soft-edged shapes through which colour is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from ..colour import RGB, rgb_array
from ..noise import FloatArray

WIDTH, HEIGHT = 640, 448
"""Size of the finished picture in pixels; shapes use these units, y down."""

FINE = 2
"""Supersampling: the picture is drawn this many times larger."""

SHAPE = (HEIGHT * FINE, WIDTH * FINE)
WATERLINE = 304.0
SUN = (536.0, 259.0)
"""Position of the sun, (x, y)."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Plate:
    """A layer of the painting, modified in place.

    ``alpha`` (rows, columns) 0..1; ``colour`` (rows, columns, 3) 0..1, multiplied by alpha.
    """

    colour: FloatArray
    alpha: FloatArray

    @classmethod
    def clear(cls) -> Plate:
        """Return an empty plate."""
        return cls(np.zeros((*SHAPE, 3), np.float32), np.zeros(SHAPE, np.float32))


@dataclass(frozen=True)
class Patch:
    """A shape: its window on the plate, and its coverage (0..1) of each pixel in it."""

    window: tuple[slice, slice]
    mask: FloatArray

    def across(self) -> FloatArray:
        """Return a ramp (1, columns) from 0 at the left edge of the window to 1 at the right."""
        return np.linspace(0, 1, self.mask.shape[1], dtype=np.float32)[None, :]

    def down(self) -> FloatArray:
        """Return a ramp (rows, 1) from 0 at the top of the window to 1 at the bottom."""
        return np.linspace(0, 1, self.mask.shape[0], dtype=np.float32)[:, None]


def polygon(points: Sequence[Point]) -> Patch:
    """Return the inside of a closed path."""
    window, origin, size = _window(points, 1.0)
    image = Image.new("L", (size[0] * 2, size[1] * 2), 0)
    ImageDraw.Draw(image).polygon([_local(point, origin) for point in points], fill=255)
    return Patch(window, _clipped(image, window, origin))


def stroked(points: Sequence[Point], width: float) -> Patch:
    """Return an open path drawn with a line of ``width``."""
    window, origin, size = _window(points, width + 1.0)
    image = Image.new("L", (size[0] * 2, size[1] * 2), 0)
    thick = max(1, round(width * FINE * 2))
    ImageDraw.Draw(image).line([_local(point, origin) for point in points], fill=255, width=thick, joint="curve")
    return Patch(window, _clipped(image, window, origin))


def rectangle(left: float, top: float, right: float, bottom: float) -> Patch:
    """Return an axis-aligned rectangle."""
    return polygon([(left, top), (right, top), (right, bottom), (left, bottom)])


def ellipse(x: float, y: float, across: float, down: float) -> Patch:
    """Return an ellipse, given its centre and half axes."""
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return polygon([(x + across * float(np.cos(t)), y + down * float(np.sin(t))) for t in turn])


def curve(start: Point, pull: Point, end: Point, steps: int = 16) -> list[Point]:
    """Return points on the quadratic Bezier curve from ``start`` to ``end`` with control point ``pull``."""
    shares = [step / steps for step in range(steps + 1)]
    weights = [((1 - t) ** 2, 2 * t * (1 - t), t * t) for t in shares]
    return [(a * start[0] + b * pull[0] + c * end[0], a * start[1] + b * pull[1] + c * end[1]) for a, b, c in weights]


def lay(plate: Plate, patch: Patch, colour: RGB | FloatArray, opacity: float | FloatArray = 1.0) -> None:
    """Composite ``colour`` (one, or one per pixel of the patch) over the plate, through the patch, in place."""
    share = patch.mask * np.float32(opacity)
    under = plate.colour[patch.window]
    under += share[..., None] * (np.asarray(colour, np.float32) - under)
    plate.alpha[patch.window] += share * (1 - plate.alpha[patch.window])


def over(picture: FloatArray, plate: Plate) -> FloatArray:
    """Return the picture with the plate composited over it."""
    return np.asarray(picture * (1 - plate.alpha[..., None]) + plate.colour, dtype=np.float32)


def shaded(colour: RGB, light: FloatArray) -> FloatArray:
    """Return ``colour`` under ``light`` (any shape; 1 leaves it unchanged); shadows turn blue, lights gold."""
    tint = rgb_array((1.0, 0.96, 0.86))
    cool = rgb_array((0.80, 0.92, 1.22))
    lamp = np.clip(light, 0, 2)[..., None]
    return np.asarray(rgb_array(colour) * lamp * np.where(lamp > 1, tint ** (lamp - 1), cool ** (1 - lamp)), np.float32)


def _window(points: Sequence[Point], margin: float) -> tuple[tuple[slice, slice], tuple[int, int], tuple[int, int]]:
    """Return slices of the plate, and origin and size (x, y) of the unclipped window, in supersampled pixels."""
    xs, ys = [x * FINE for x, _ in points], [y * FINE for _, y in points]
    left, top = int(np.floor(min(xs) - margin * FINE)), int(np.floor(min(ys) - margin * FINE))
    right, bottom = int(np.ceil(max(xs) + margin * FINE)), int(np.ceil(max(ys) + margin * FINE))
    rows = slice(min(max(top, 0), SHAPE[0]), max(min(bottom, SHAPE[0]), 0))
    columns = slice(min(max(left, 0), SHAPE[1]), max(min(right, SHAPE[1]), 0))
    return (rows, columns), (left, top), (right - left, bottom - top)


def _local(point: Point, origin: tuple[int, int]) -> Point:
    return (point[0] * FINE - origin[0]) * 2, (point[1] * FINE - origin[1]) * 2


def _clipped(image: Image.Image, window: tuple[slice, slice], origin: tuple[int, int]) -> FloatArray:
    """Return the part of the drawn shape that is on the plate; 2x2 averages antialias its edges."""
    mask = np.asarray(image.reduce(2), np.float32) / np.float32(255)
    rows, columns = window
    return mask[rows.start - origin[1] : rows.stop - origin[1], columns.start - origin[0] : columns.stop - origin[0]]
