"""Woodcut: hills, trees and a river under a sun with rays, printed in black and red-brown on cream paper."""

from __future__ import annotations

import numpy as np

from ..noise import FloatArray, fractal_noise, gaussian_blur, smooth_noise, smoothstep

SIDE = 576
"""Width and height in pixels."""

_SEED = 1498
_SUN = (0.20, 0.66)  # down and across, as fractions of the side
_PAPER = np.array((0.945, 0.905, 0.81), np.float32)
_INK = np.array((0.075, 0.065, 0.06), np.float32)
_BLOCK = np.array((0.70, 0.33, 0.20), np.float32)  # colour of the second block


class _Plank:
    """The wood blocks in progress: where the first one prints black (1), and where the second one prints its colour."""

    def __init__(self, rng: np.random.Generator) -> None:
        axis = np.arange(SIDE, dtype=np.float32)
        self.y, self.x = np.meshgrid(axis, axis, indexing="ij")
        self.wobble = smooth_noise(rng, self.y.shape, (26, 26))
        self.slip = smooth_noise(rng, self.y.shape, (9, 9))
        self.black: FloatArray = np.zeros((SIDE, SIDE), np.float32)
        self.second: FloatArray = np.zeros((SIDE, SIDE), np.float32)

    def cut(self, region: FloatArray, phase: FloatArray, spacing: float, tone: FloatArray, second: float = 0.0) -> None:
        """Fill ``region`` (0..1) with lines of constant ``phase`` (pixels); ``tone`` (0..1) is the black fraction.

        The black fraction varies along each line, so that gouge marks taper and end.
        """
        wave = (phase + np.float32(1.1) * self.wobble) / np.float32(spacing)
        offset = np.abs(wave - np.round(wave)) * 2  # 0 at the centre of a line, 1 between lines
        taper = np.float32(0.16) * np.sin(self.slip * np.float32(2.2) + np.round(wave) * np.float32(2.4))
        share = np.clip(tone + taper, 0.02, 0.98)
        soft = np.float32(1.6 / spacing)
        lines = smoothstep(1, -1, np.asarray((offset - share) / soft, np.float32))
        self.black += region * (lines - self.black)
        self.second += region * (np.float32(second) - self.second)


def draw_woodcut() -> FloatArray:
    """Return the picture (SIDE, SIDE, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    plank = _Plank(rng)
    _sky(plank)
    _hills(plank, rng)
    _river(plank)
    for across, foot, height in ((0.13, 0.93, 0.66), (0.86, 0.98, 0.56), (0.30, 0.74, 0.22), (0.70, 0.72, 0.18)):
        _tree(plank, rng, across * SIDE, foot * SIDE, height * SIDE)
    return _printed(plank, rng)


def _sky(plank: _Plank) -> None:
    """Cut rays around the sun, then clouds in curved lines."""
    dy, dx = _offsets(plank, *_SUN)
    radius, angle = np.hypot(dy, dx), np.arctan2(dy, dx)
    rays = np.asarray(angle * np.float32(60.0), np.float32)
    spread = np.asarray(np.clip(radius / (0.75 * SIDE), 0, 1), np.float32)
    tone = np.asarray(0.20 + 0.62 * spread + 0.18 * np.sign(np.sin(angle * 13)) * (radius < 0.33 * SIDE), np.float32)
    everywhere = np.ones_like(radius)
    plank.cut(np.asarray(everywhere, np.float32), rays, 60.0 * 2 * np.pi / 96, tone, 0.55)
    plank.cut(smoothstep(47, 44, radius), np.asarray(radius, np.float32), 7.0, np.full_like(radius, 0.12), 0.0)
    ring = smoothstep(2.2, 0.8, np.asarray(np.abs(radius - 47), np.float32))
    plank.black += ring * (1 - plank.black)
    for down, across, wide in ((0.12, 0.20, 120), (0.30, 0.34, 95), (0.09, 0.93, 80), (0.34, 0.93, 90)):
        dy, dx = _offsets(plank, down, across)
        body = 1 - np.hypot(dy / (0.34 * wide), dx / wide) + 0.16 * plank.wobble
        inside = smoothstep(0.0, 0.04, np.asarray(body, np.float32))
        bow = np.asarray(dy + 0.0022 * dx * dx + 5 * plank.wobble, np.float32)
        plank.cut(inside, bow, 7.5, np.asarray(np.clip(0.20 + 0.014 * dy, 0.05, 0.7), np.float32), 0.0)
        edge = smoothstep(0.05, 0.02, np.asarray(np.abs(body - 0.01), np.float32))
        plank.black += edge * (1 - plank.black)


def _offsets(plank: _Plank, down: float, across: float) -> tuple[FloatArray, FloatArray]:
    """Return pixels down and across from a position in fractions of the side."""
    return plank.y - np.float32(down * SIDE), plank.x - np.float32(across * SIDE)


def _hills(plank: _Plank, rng: np.random.Generator) -> None:
    """Cut ridges from far to near, with lines down the shaded slopes and along the lit ones."""
    x = plank.x / SIDE
    for number, (level, rise) in enumerate(((0.47, 0.10), (0.54, 0.12), (0.62, 0.09), (0.72, 0.08), (0.84, 0.07))):
        turns = rng.uniform(0, 6.3, 3)
        crest = level + rise * (
            0.6 * np.sin(5.1 * x + turns[0]) + 0.3 * np.sin(11 * x + turns[1]) + 0.1 * np.sin(23 * x)
        )
        depth = np.asarray(plank.y - np.float32(SIDE) * crest, np.float32)
        slope = np.gradient(crest, axis=1) * SIDE
        lit = smoothstep(-0.5, 0.6, np.asarray(-slope + 0.25 * plank.wobble, np.float32))
        fall = np.asarray(plank.x + (0.55 + 0.2 * number) * depth * np.sign(rng.uniform(-1, 1)), np.float32)
        tone = np.asarray(0.30 + 0.5 * (1 - lit) + 0.25 * np.exp(-depth / 60) * (1 - lit), np.float32)
        inside = smoothstep(-0.6, 0.6, depth)
        plank.cut(inside, fall, 6.0 + 1.1 * number, tone, 0.9 if number in (1, 3) else 0.0)
        along = np.asarray(depth + 6 * plank.wobble, np.float32)
        band = inside * smoothstep(0.35, 0.75, lit) * smoothstep(95, 60, depth)
        plank.cut(band, along, 6.5 + 1.2 * number, np.asarray(0.16 + depth / 260, np.float32), 0.0)
        line = smoothstep(2.6, 1.2, np.asarray(np.abs(depth), np.float32))
        plank.black += line * (1 - plank.black)


def _river(plank: _Plank) -> None:
    """Cut a winding river in long horizontal lines."""
    down = np.clip((plank.y / SIDE - 0.64) / 0.36, 0, 1)
    middle = 0.52 + 0.10 * np.sin(5.5 * down + 0.4) - 0.05 * down
    half = 0.012 + 0.16 * down**1.6
    off = np.abs(plank.x / SIDE - middle) - half
    inside = smoothstep(0.003, -0.003, np.asarray(off, np.float32)) * (plank.y > 0.645 * SIDE)
    ripple = np.asarray(plank.y + 4 * np.sin(plank.x / 21 + plank.y / 9), np.float32)
    tone = np.asarray(0.24 + 0.45 * smoothstep(-0.10, 0.0, np.asarray(off, np.float32)), np.float32)
    plank.cut(np.asarray(inside, np.float32), ripple, 8.0, tone, 0.0)
    bank = smoothstep(0.006, 0.003, np.asarray(np.abs(off), np.float32)) * (plank.y > 0.645 * SIDE)
    plank.black += np.asarray(bank, np.float32) * (1 - plank.black)


def _tree(plank: _Plank, rng: np.random.Generator, across: float, foot: float, height: float) -> None:
    """Cut a black trunk with highlights along it, and clumps of leaves in curved lines."""
    up = np.clip((foot - plank.y) / np.float32(height), 0, 1)
    lean = across + 0.06 * height * np.sin(2.2 * up + across)
    half = height * (0.045 - 0.032 * up) + 0.06 * height * np.exp(-up * 16)
    off = plank.x - lean
    on = (plank.y < foot) & (plank.y > foot - height)
    trunk = smoothstep(1, -1, np.asarray(np.abs(off) - half, np.float32)) * on
    tone = np.asarray(np.clip(0.92 + 0.75 * off / half, 0.25, 0.97), np.float32)
    plank.cut(np.asarray(trunk, np.float32), np.asarray(off + 3 * plank.slip, np.float32), 4.6, tone, 0.0)
    for _ in range(int(9 + height / 18)):
        turn, away = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
        dy = plank.y - (foot - height * (0.86 + 0.30 * away * np.sin(turn)))
        dx = plank.x - (lean + 0.42 * height * away * np.cos(turn))
        size = height * rng.uniform(0.09, 0.17)
        radius = np.asarray(np.hypot(dy * 1.25, dx) + 2.2 * plank.slip, np.float32)
        inside = smoothstep(0.8, -0.8, radius - np.float32(size))
        shade = np.asarray(np.clip(0.62 + 0.40 * (dy - 0.6 * dx) / size, 0.12, 0.96), np.float32)
        plank.cut(inside, np.asarray(radius + 0.25 * dx, np.float32), 5.4, shade, 0.0)
        rim = smoothstep(1.9, 0.7, np.abs(radius - np.float32(size)))
        plank.black += rim * (1 - plank.black)


def _printed(plank: _Plank, rng: np.random.Generator) -> FloatArray:
    """Print the blocks: uneven ink, wood grain in the solid areas, and stray marks in the white ones."""
    shape = (SIDE, SIDE)
    grain = smooth_noise(rng, shape, (2.2, 70)) + np.float32(0.6) * smooth_noise(rng, shape, (5, 160))
    press = fractal_noise(rng, shape, (90, 90), 4)
    speck = gaussian_blur(np.asarray(rng.standard_normal(shape), np.float32), 0.8)
    speck /= speck.std()
    ink = plank.black * (1 - np.float32(0.55) * smoothstep(1.25, 2.1, grain + np.float32(0.25) * press))
    ink = ink * (1 - np.float32(0.5) * smoothstep(2.1, 2.7, speck))
    chatter = smoothstep(1.7, 2.2, smooth_noise(rng, shape, (2.5, 14))) * np.float32(0.75)
    ink = np.maximum(ink, chatter * (1 - plank.black))
    tint = gaussian_blur(plank.second, 1.2) * (np.float32(0.62) + np.float32(0.10) * grain)
    paper = _PAPER * (1 + np.float32(0.018) * fractal_noise(rng, shape, (4, 4), 3))[..., None]
    under = paper + np.clip(tint, 0, 1)[..., None] * (paper * _BLOCK * np.float32(1.05) - paper)
    strength = np.clip(ink * (np.float32(0.95) + np.float32(0.04) * press), 0, 1)
    return np.asarray(np.clip(under + strength[..., None] * (_INK - under), 0, 1), dtype=np.float32)
