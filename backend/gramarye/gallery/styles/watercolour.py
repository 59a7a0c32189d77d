"""Watercolour: loose flowers and leaves in transparent pigment on rough white paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..colour import RGB, rgb_array
from ..noise import FloatArray, fractal_noise, gaussian_blur, lerp, smooth_noise, smoothstep

SIDE = 560
"""Width and height in pixels."""

_SEED = 1802
_PAPER: RGB = (0.985, 0.975, 0.950)
# pigments, given as the colour of a full wash on white
_CRIMSON: RGB = (0.80, 0.10, 0.24)
_ROSE: RGB = (0.93, 0.42, 0.56)
_VERMILION: RGB = (0.93, 0.30, 0.16)
_GAMBOGE: RGB = (0.98, 0.74, 0.20)
_TURQUOISE: RGB = (0.24, 0.66, 0.70)
_CERULEAN: RGB = (0.34, 0.62, 0.86)
_ULTRAMARINE: RGB = (0.20, 0.26, 0.66)
_VIOLET: RGB = (0.42, 0.22, 0.60)
_SAP: RGB = (0.42, 0.58, 0.16)
_VIRIDIAN: RGB = (0.06, 0.42, 0.34)
_INDIGO: RGB = (0.10, 0.14, 0.32)
_SEPIA: RGB = (0.24, 0.12, 0.12)


@dataclass(frozen=True)
class Sheet:
    """The paper: ``depth`` (height, width, 3) is the optical depth of the pigment on it.

    The other fields are noise (height, width) of unit deviation: ``tooth``, the paper's relief; ``wander``, a pair of
    offsets that make edges uneven; ``pools``, where water collects; ``damp``, where edges bleed; ``frill``, the
    irregular edges of backruns.
    """

    depth: FloatArray
    tooth: FloatArray
    wander: tuple[FloatArray, FloatArray]
    pools: FloatArray
    damp: FloatArray
    frill: FloatArray


@dataclass(frozen=True)
class Leaf:
    """The shape of a leaf, from its foot along ``angle`` (radians, y down); lengths in pixels.

    ``fullness`` (0..1) is where the leaf is widest. ``bend`` is the sideways shift of its tip, relative to its length.
    """

    y: float
    x: float
    angle: float
    length: float
    width: float
    fullness: float = 0.6
    bend: float = 0.0


@dataclass(frozen=True)
class Wash:
    """A wash of two pigments that run into each other; ``strength`` is their concentration.

    ``softness`` (0..1) is how much of the edge bleeds, ``grain`` (0..1) how much settles in the hollows of the paper.
    """

    first: RGB
    second: RGB
    strength: float
    softness: float = 0.25
    grain: float = 0.35


# flowers: down, across, radius as fractions of the side, petals, paint from the centre outwards
_FLOWERS: tuple[tuple[float, float, float, int, RGB, RGB], ...] = (
    (0.30, 0.30, 0.215, 6, _CRIMSON, _ROSE),
    (0.62, 0.66, 0.225, 6, _VERMILION, _GAMBOGE),
    (0.24, 0.76, 0.165, 5, _VIOLET, _CERULEAN),
    (0.80, 0.22, 0.175, 6, _ROSE, _VIOLET),
    (0.54, 0.08, 0.110, 5, _GAMBOGE, _VERMILION),
    (0.93, 0.60, 0.110, 5, _ULTRAMARINE, _VIOLET),
    (0.44, 0.95, 0.105, 5, _ROSE, _CRIMSON),
    (0.04, 0.52, 0.105, 5, _GAMBOGE, _ROSE),
    (0.92, 0.93, 0.105, 5, _CRIMSON, _VIOLET),
)
_GROUNDS = (_TURQUOISE, _CERULEAN, _GAMBOGE, _ROSE, _SAP, _VIOLET, _TURQUOISE, _ULTRAMARINE)
_GREENS = (_SAP, _VIRIDIAN, _TURQUOISE, _INDIGO, _SAP, _ULTRAMARINE)


def draw_watercolour() -> FloatArray:
    """Return the picture (SIDE, SIDE, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    sheet = _sheet(rng)
    _wet_ground(sheet, rng)
    _foliage(sheet, rng)
    for down, across, radius, petals, heart, rim in _FLOWERS:
        _flower(sheet, rng, (down * SIDE, across * SIDE), radius * SIDE, petals, Wash(heart, rim, 0.85))
    _splashes(sheet, rng)
    return _dried(sheet)


def _sheet(rng: np.random.Generator) -> Sheet:
    shape = (SIDE, SIDE)
    slow = [smooth_noise(rng, shape, (42, 42)) * np.float32(4.5) for _ in range(2)]
    fast = [fractal_noise(rng, shape, (13, 13), 3) * np.float32(1.5) for _ in range(2)]
    return Sheet(
        depth=np.zeros((*shape, 3), np.float32),
        tooth=fractal_noise(rng, shape, (6.5, 6.5), 2, 0.6),
        wander=(slow[0] + fast[0], slow[1] + fast[1]),
        pools=fractal_noise(rng, shape, (60, 60), 4, 0.55),
        damp=smooth_noise(rng, shape, (55, 55)),
        frill=fractal_noise(rng, shape, (24, 24), 4, 0.7),
    )


def _dried(sheet: Sheet) -> FloatArray:
    """Render the sheet in daylight: light passes the pigment, is reflected by the paper's relief, and passes again."""
    slope = np.gradient(gaussian_blur(sheet.tooth, 0.6))
    relief = 1 + np.float32(0.080) * np.tanh(slope[0] + slope[1])
    return np.asarray(np.clip(rgb_array(_PAPER) * relief[..., None] * np.exp(-sheet.depth), 0, 1), dtype=np.float32)


def _lay(sheet: Sheet, window: tuple[slice, slice], inside: FloatArray, blend: FloatArray, wash: Wash) -> None:
    """Add a dried wash to the sheet.

    ``inside`` is the distance in pixels from the edge (negative outside), ``blend`` (0..1) the share of the second
    pigment.
    """
    damp = smoothstep(0.9, -0.2, sheet.damp[window] + np.float32(1.6 * (0.5 - wash.softness)))
    damp = 1 - damp if wash.softness > 0.5 else damp * np.float32(wash.softness * 2)
    blur = np.float32(0.7) + np.float32(11) * damp
    cover = smoothstep(-1, 1, inside / blur)
    # a drying wash moves its pigment to the edge
    fringe = np.exp(-((np.maximum(inside - 1, 0) / 1.7) ** 2)) * np.float32(0.75) + np.exp(-inside / 9) * np.float32(
        0.25
    )
    pooled = np.float32(0.80) + np.float32(0.26) * sheet.pools[window]
    grain = 1 + np.float32(wash.grain) * np.tanh(-np.float32(0.9) * sheet.tooth[window])
    density = cover * (np.maximum(pooled, 0.18) * grain + np.float32(0.75) * fringe * (1 - damp))
    thin, thick = (-np.log(np.maximum(rgb_array(paint), 0.02)) for paint in (wash.first, wash.second))
    sheet.depth[window] += (np.float32(wash.strength) * density)[..., None] * lerp(thin, thick, blend[..., None])


def _inwards(shape: FloatArray) -> FloatArray:
    """Return the distance in pixels to the edge of ``shape`` > 0, positive inside."""
    wet = np.pad(shape > 0, 1, mode="edge")
    if wet.all() or not wet.any():
        return np.full(shape.shape, 99 if wet.all() else -99, np.float32)
    depth = ndimage.distance_transform_edt(wet) - ndimage.distance_transform_edt(~wet)
    return gaussian_blur(depth[1:-1, 1:-1].astype(np.float32), 0.8)


def _around(y: float, x: float, reach: float) -> tuple[slice, slice] | None:
    """Return the window of the sheet within ``reach`` of a position; None if it is outside."""
    top, left = max(int(y - reach), 0), max(int(x - reach), 0)
    bottom, right = min(int(y + reach) + 1, SIDE), min(int(x + reach) + 1, SIDE)
    return (slice(top, bottom), slice(left, right)) if bottom - top > 3 and right - left > 3 else None


def _offsets(
    sheet: Sheet, window: tuple[slice, slice], y: float, x: float, sway: float = 1.0
) -> tuple[FloatArray, FloatArray]:
    """Return pixels down and across from a position, distorted by ``wander``."""
    rows, columns = np.mgrid[window].astype(np.float32)
    wander_y, wander_x = (np.float32(sway) * field[window] for field in sheet.wander)
    return rows - np.float32(y) + wander_y, columns - np.float32(x) + wander_x


def _pool(sheet: Sheet, y: float, x: float, radius: float, wash: Wash, uneven: float = 0.28) -> None:
    """Paint a puddle whose outline is irregular by ``uneven`` times its radius."""
    window = _around(y, x, radius * 1.6 + 14)
    if window is None:
        return
    dy, dx = _offsets(sheet, window, y, x)
    torn = np.float32(uneven) * sheet.pools[window] + np.float32(uneven * 0.18) * sheet.frill[window]
    shape = np.asarray(1 - np.hypot(dy, dx) / np.float32(radius) + torn, dtype=np.float32)
    _lay(sheet, window, _inwards(shape), smoothstep(-1.1, 1.1, sheet.pools[window] + dx / np.float32(radius)), wash)


def _backrun(sheet: Sheet, y: float, x: float, radius: float, force: float) -> None:
    """Paint a backrun: water dropped into a drying wash pushes the pigment out to a frilled rim."""
    window = _around(y, x, radius * 1.8)
    if window is None:
        return
    dy, dx = _offsets(sheet, window, y, x, 0.6)
    reach = np.hypot(dy, dx) / np.float32(radius) + np.float32(0.15) * sheet.frill[window]
    swept = smoothstep(1.0, 0.75, reach) * np.float32(0.62 * force)
    rim = np.exp(-((np.maximum(reach - 1, 0) / 0.10) ** 2)) * smoothstep(0.93, 1.0, reach) * np.float32(0.65 * force)
    sheet.depth[window] *= (1 - swept + rim)[..., None]


def _wet_ground(sheet: Sheet, rng: np.random.Generator) -> None:
    """Paint pale washes that run into each other all over the sheet, with backruns."""
    for number in range(30):
        y, x = rng.uniform(-0.02, 1.02, 2) * SIDE
        first, second = (_GROUNDS[int(pick)] for pick in rng.integers(0, len(_GROUNDS), 2))
        wash = Wash(first, second, rng.uniform(0.14, 0.42), softness=0.65 if number % 3 == 0 else 0.3, grain=0.5)
        _pool(sheet, y, x, rng.uniform(55, 125), wash)
    for _ in range(26):
        y, x = rng.uniform(0, 1, 2) * SIDE
        _backrun(sheet, y, x, rng.uniform(16, 46), rng.uniform(0.6, 1.0))


def _foliage(sheet: Sheet, rng: np.random.Generator) -> None:
    """Paint leaves around the flowers, and dark ones in their shade."""
    for down, across, radius, *_ in _FLOWERS:
        for _ in range(8):
            angle = rng.uniform(0, 2 * np.pi)
            reach = radius * SIDE * rng.uniform(0.45, 0.85)
            foot_y, foot_x = down * SIDE + reach * np.sin(angle), across * SIDE + reach * np.cos(angle)
            length = rng.uniform(55, 135)
            leaf = Leaf(
                foot_y,
                foot_x,
                angle + rng.normal(0, 0.35),
                length,
                length * rng.uniform(0.15, 0.34),
                rng.uniform(0.35, 0.6),
                rng.normal(0, 0.18),
            )
            first, second = (_GREENS[int(pick)] for pick in rng.integers(0, len(_GREENS), 2))
            _petal(sheet, leaf, Wash(first, second, rng.uniform(0.45, 1.0), softness=0.2, grain=0.4))
    for _ in range(46):
        y, x = rng.uniform(0, 1, 2) * SIDE
        length = rng.uniform(26, 74)
        leaf = Leaf(y, x, rng.uniform(0, 2 * np.pi), length, length * rng.uniform(0.10, 0.24), 0.5, rng.normal(0, 0.2))
        _petal(sheet, leaf, Wash(_INDIGO, _VIRIDIAN, rng.uniform(0.35, 0.95), softness=0.15))


def _petal(sheet: Sheet, leaf: Leaf, wash: Wash) -> None:
    """Paint one leaf or petal, with the first pigment at its foot."""
    window = _around(
        leaf.y + np.sin(leaf.angle) * leaf.length / 2,
        leaf.x + np.cos(leaf.angle) * leaf.length / 2,
        leaf.length * 0.62 + leaf.width * 0.6 + 16,
    )
    if window is None:
        return
    dy, dx = _offsets(sheet, window, leaf.y, leaf.x, min(1.0, leaf.width / 40 + 0.3))
    cos, sin = np.float32(np.cos(leaf.angle)), np.float32(np.sin(leaf.angle))
    along = (cos * dx + sin * dy) / np.float32(leaf.length)
    across = (cos * dy - sin * dx) / np.float32(leaf.width / 2) - np.float32(leaf.bend * 4) * along * along
    power = np.float32(np.log(0.5) / np.log(leaf.fullness))
    profile = np.maximum(np.sin(np.pi * np.clip(along, 0, 1) ** power), 0)
    shape = profile ** np.float32(0.75) - np.abs(across)
    shape = np.where((along > 0) & (along < 1), shape, -1).astype(np.float32)
    blend = smoothstep(0.15, 0.9, along + np.float32(0.14) * sheet.frill[window])
    _lay(sheet, window, _inwards(shape), blend, wash)


def _flower(
    sheet: Sheet, rng: np.random.Generator, at: tuple[float, float], radius: float, petals: int, wash: Wash
) -> None:
    """Paint overlapping petals around a dark centre; the paper below is wiped first, so that they are bright."""
    _wipe(sheet, at, radius)
    start = rng.uniform(0, 2 * np.pi)
    for number in range(petals):
        angle = start + 2 * np.pi * number / petals + rng.normal(0, 0.14)
        length = radius * rng.uniform(0.85, 1.1)
        foot_y, foot_x = at[0] + 0.05 * radius * np.sin(angle), at[1] + 0.05 * radius * np.cos(angle)
        leaf = Leaf(foot_y, foot_x, angle, length, length * rng.uniform(0.85, 1.15), 0.66, rng.normal(0, 0.1))
        brush = Wash(wash.first, wash.second, wash.strength * rng.uniform(0.45, 1.0), 0.22, 0.3)
        _petal(sheet, leaf, brush)
        for _ in range(3):
            vein = Leaf(foot_y, foot_x, angle + rng.normal(0, 0.3), length * rng.uniform(0.5, 0.85), rng.uniform(4, 9))
            _petal(sheet, vein, Wash(wash.first, wash.first, rng.uniform(0.25, 0.5), 0.3))
    _backrun(sheet, at[0] + radius * rng.normal(0, 0.3), at[1] + radius * rng.normal(0, 0.3), radius * 0.42, 0.9)
    _pool(sheet, at[0], at[1], radius * 0.17, Wash(_INDIGO, _SEPIA, 1.25, 0.4), 0.35)
    for _ in range(16):
        angle, reach = rng.uniform(0, 2 * np.pi), radius * rng.uniform(0.17, 0.34)
        _pool(
            sheet,
            at[0] + reach * np.sin(angle),
            at[1] + reach * np.cos(angle),
            rng.uniform(1.5, 3.4),
            Wash(_INDIGO, _SEPIA, 1.2, 0.0),
            0.1,
        )


def _wipe(sheet: Sheet, at: tuple[float, float], radius: float) -> None:
    """Remove most of the pigment where a flower will be."""
    window = _around(*at, radius * 1.3)
    if window is None:
        return
    dy, dx = _offsets(sheet, window, *at)
    reach = np.hypot(dy, dx) / np.float32(radius) + np.float32(0.08) * sheet.frill[window]
    sheet.depth[window] *= (1 - np.float32(0.88) * smoothstep(1.05, 0.85, reach))[..., None]


def _splashes(sheet: Sheet, rng: np.random.Generator) -> None:
    """Paint splashes from the brush, and light spots of salt, which absorbs the wash around it."""
    paints = (_CRIMSON, _ULTRAMARINE, _TURQUOISE, _VERMILION, _INDIGO, _SAP)
    for _ in range(150):
        y, x = rng.uniform(0, 1, 2) * SIDE
        paint = paints[int(rng.integers(0, len(paints)))]
        _pool(sheet, y, x, 1.2 + rng.exponential(2.4), Wash(paint, paint, rng.uniform(0.4, 1.0), 0.05), 0.12)
    for _ in range(160):
        y, x = rng.uniform(0, 1, 2) * SIDE
        _backrun(sheet, y, x, 1.5 + rng.exponential(2.2), 1.2)
