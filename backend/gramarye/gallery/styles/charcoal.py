"""Charcoal: bare trees on a stony slope, hatched and smudged on rough paper, with highlights in white chalk."""

from __future__ import annotations

import numpy as np

from ..noise import FloatArray, fractal_noise, gaussian_blur, smooth_noise, smoothstep

SIDE = 576
"""Width and height in pixels."""

_SEED = 1905
_PAPER = np.array((0.83, 0.775, 0.675), np.float32)
_BLACK = np.array((0.085, 0.078, 0.075), np.float32)
_CHALK = np.array((0.985, 0.97, 0.935), np.float32)


class _Drawing:
    """A scene: ``tone`` from 0 (light) to 1, ``turn``, the direction of the hatching, and ``edge``, the contours."""

    def __init__(self, rng: np.random.Generator) -> None:
        axis = np.arange(SIDE, dtype=np.float32)
        self.y, self.x = np.meshgrid(axis, axis, indexing="ij")
        self.hand = smooth_noise(rng, self.y.shape, (34, 34))
        self.tone: FloatArray = np.zeros((SIDE, SIDE), np.float32)
        self.turn: FloatArray = np.zeros((SIDE, SIDE), np.float32)
        self.edge: FloatArray = np.zeros((SIDE, SIDE), np.float32)

    def form(self, inside: FloatArray, tone: FloatArray, turn: FloatArray | float, contour: FloatArray) -> None:
        """Draw a form in front of the others, with its tone, hatching and ``contour`` (pixels from its outline)."""
        self.tone += inside * (tone - self.tone)
        self.turn += inside * (np.asarray(turn, np.float32) - self.turn)
        line = np.exp(-((contour / (1.6 + 0.9 * self.hand)) ** 2))
        self.edge = np.asarray(np.maximum(self.edge * (1 - inside), line * (0.75 + 0.25 * self.hand)), np.float32)


def draw_charcoal() -> FloatArray:
    """Return the picture (SIDE, SIDE, 3), RGB 0..1; the same at every call."""
    rng = np.random.default_rng(_SEED)
    drawing = _Drawing(rng)
    _sky(drawing, rng)
    _slopes(drawing, rng)
    _rocks(drawing, rng)
    for across, foot, height, lean in ((0.22, 0.80, 0.92, 0.10), (0.60, 0.66, 0.62, -0.13), (0.86, 0.90, 1.02, -0.05)):
        _tree(drawing, rng, (across * SIDE, foot * SIDE), height * SIDE, lean)
    return _drawn(drawing, rng)


def _sky(drawing: _Drawing, rng: np.random.Generator) -> None:
    """Draw a cloudy sky, dark at the top, with diagonal hatching."""
    cloud = fractal_noise(rng, (SIDE, SIDE), (110, 190), 4)
    tone = 0.42 - 0.55 * drawing.y / SIDE + 0.24 * cloud + 0.15
    everywhere = np.ones((SIDE, SIDE), np.float32)
    far = np.full((SIDE, SIDE), 1e3, np.float32)
    drawing.form(everywhere, np.asarray(np.clip(tone, 0.02, 0.9), np.float32), -0.75, far)


def _slopes(drawing: _Drawing, rng: np.random.Generator) -> None:
    """Draw ridges, each hatched along its slope."""
    x = drawing.x / SIDE
    for level, rise, dark in ((0.40, 0.07, 0.35), (0.50, 0.09, 0.55), (0.62, 0.08, 0.40), (0.78, 0.07, 0.60)):
        a, b = rng.uniform(0, 6.3, 2)
        crest = level + rise * (np.sin(4.2 * x + a) + 0.35 * np.sin(11 * x + b))
        depth = np.asarray(drawing.y - SIDE * crest, np.float32)
        fall = np.asarray(np.arctan(np.gradient(crest, axis=1) * SIDE), np.float32)
        folds = 0.22 * np.sin(depth / 17 + 5 * x + 2 * drawing.hand)
        tone = dark + 0.35 * np.sin(1.1 * fall * 3) + folds - 0.28 * np.exp(-depth / 24)
        inside = smoothstep(-0.7, 0.7, depth)
        drawing.form(inside, np.asarray(np.clip(tone, 0.02, 0.97), np.float32), fall + np.float32(0.95), np.abs(depth))


def _rocks(drawing: _Drawing, rng: np.random.Generator) -> None:
    """Draw boulders lit from the upper left, back to front."""
    places = sorted(rng.uniform((0.60, 0.0), (1.02, 1.0), (17, 2)).tolist())
    for down, across in places:
        size = SIDE * (0.035 + 0.10 * (down - 0.5)) * rng.uniform(0.8, 1.5)
        dy, dx = drawing.y - down * SIDE, drawing.x - across * SIDE
        angle = np.arctan2(dy, dx)
        rough = 1 + 0.13 * np.sin(3 * angle + 9 * across) + 0.07 * np.sin(7 * angle + 5 * down) + 0.03 * drawing.hand
        away = np.hypot(dy * 1.25, dx) / (size * rough)
        outline = np.asarray((1 - away) * size, np.float32)
        plane = np.asarray(np.round(angle * 1.6) / 1.6, np.float32)  # flat faces
        light = np.clip(-0.55 * np.sin(plane) - 0.6 * np.cos(plane), -1, 1) * np.clip(away, 0, 1)
        tone = np.asarray(np.clip(0.47 - 0.62 * light + 0.12 * away, 0.0, 1.0), np.float32)
        drawing.form(smoothstep(-0.8, 0.8, outline), tone, plane * np.float32(0.6) + np.float32(0.5), np.abs(outline))


def _tree(drawing: _Drawing, rng: np.random.Generator, foot: tuple[float, float], height: float, lean: float) -> None:
    """Draw a bare tree that branches recursively."""
    limbs = [(foot[0], foot[1], -np.pi / 2 + lean, height * 0.34, height * 0.050)]
    for _ in range(5):
        tips = []
        for x, y, angle, length, width in limbs:
            end = _limb(drawing, rng, (x, y), angle, length, width)
            for side in (-1, 1):
                turned = angle + side * rng.uniform(0.22, 0.62) + 0.1 * lean
                tips.append((*end, turned, length * rng.uniform(0.62, 0.82), width * 0.62))
        limbs = tips


def _limb(
    drawing: _Drawing, rng: np.random.Generator, start: tuple[float, float], angle: float, length: float, width: float
) -> tuple[float, float]:
    """Draw a tapering limb, dark on its right side; return its end."""
    end = (start[0] + length * np.cos(angle), start[1] + length * np.sin(angle))
    reach = int(width * 2 + 6)
    rows = slice(max(0, int(min(start[1], end[1])) - reach), max(0, int(max(start[1], end[1])) + reach))
    columns = slice(max(0, int(min(start[0], end[0])) - reach), max(0, int(max(start[0], end[0])) + reach))
    y, x = drawing.y[rows, columns] - start[1], drawing.x[rows, columns] - start[0]
    if not x.size:
        return end
    along = np.clip((x * np.cos(angle) + y * np.sin(angle)) / length, 0, 1)
    bow = rng.uniform(-0.06, 0.06) * length * np.sin(np.pi * along)
    off = np.hypot(x - along * length * np.cos(angle), y - along * length * np.sin(angle))
    side = y * np.cos(angle) - x * np.sin(angle) + bow
    half = width * (1 - 0.35 * along) * (1 + 0.10 * drawing.hand[rows, columns])
    outline = np.asarray(half - np.where((along > 0) & (along < 1), np.abs(side), off), np.float32)
    inside = smoothstep(-0.7, 0.7, outline)
    tone = np.asarray(np.clip(0.86 + 0.55 * side / (half + 1), 0.12, 1.0), np.float32)
    view = _Window(drawing, rows, columns)
    view.form(inside, tone, float(angle + 1.25), np.abs(outline) * np.float32(1.3))
    return end


class _Window(_Drawing):
    """A view of a part of a drawing."""

    def __init__(self, whole: _Drawing, rows: slice, columns: slice) -> None:
        self._whole, self._place = whole, (rows, columns)
        self.hand = whole.hand[rows, columns]
        self.tone, self.turn, self.edge = (
            whole.tone[rows, columns],
            whole.turn[rows, columns],
            whole.edge[rows, columns],
        )

    def form(self, inside: FloatArray, tone: FloatArray, turn: FloatArray | float, contour: FloatArray) -> None:
        """Like `_Drawing.form`; arrays that it replaces are copied back to the whole drawing."""
        super().form(inside, tone, turn, contour)
        self._whole.edge[self._place] = self.edge


def _drawn(drawing: _Drawing, rng: np.random.Generator) -> FloatArray:
    """Render smudges, three layers of hatching, contours and chalk, all affected by the grain of the paper."""
    shape = (SIDE, SIDE)
    tooth = gaussian_blur(np.asarray(rng.standard_normal(shape), np.float32), 0.9)
    tooth /= tooth.std()
    tone = drawing.tone
    smudge = gaussian_blur(tone, 3.0) * np.float32(0.50) * (1 + np.float32(0.08) * tooth)
    black = np.clip(smudge - np.float32(0.06), 0, 1)
    for turn, start, spacing in ((0.0, 0.16, 7.0), (0.95, 0.46, 8.0), (-0.6, 0.70, 6.0)):
        press = smoothstep(start, start + 0.42, tone)
        marks = _hatching(drawing, rng, turn, spacing, 0.30 + 0.45 * press)
        grain = smoothstep(-1.5, 0.6, tooth + np.float32(2.4) * press)
        black = np.maximum(black, marks * grain * (np.float32(0.55) + np.float32(0.45) * press) * (press > 0.02))
    contour = drawing.edge * smoothstep(-1.6, 0.4, tooth + np.float32(1.2) * drawing.hand + np.float32(0.8))
    black = np.clip(np.maximum(black, np.float32(0.95) * contour), 0, 1)
    black = np.maximum(black, smoothstep(0.86, 1.0, tone) * np.float32(0.93))
    lights = smoothstep(0.20, 0.02, gaussian_blur(tone, 1.5))
    chalk = _hatching(drawing, rng, 0.35, 8.0, 0.34 * lights) * lights * smoothstep(-0.9, 0.9, tooth + np.float32(0.5))
    paper = (
        _PAPER * (1 + np.float32(0.030) * tooth + np.float32(0.02) * fractal_noise(rng, shape, (60, 60), 3))[..., None]
    )
    picture = paper + black[..., None] * (_BLACK - paper)
    picture = picture + np.clip(chalk * (1 - contour), 0, 1)[..., None] * np.float32(0.9) * (_CHALK - picture)
    return np.asarray(np.clip(picture, 0, 1), dtype=np.float32)


def _hatching(
    drawing: _Drawing, rng: np.random.Generator, turn: float, spacing: float, width: FloatArray | float
) -> FloatArray:
    """Return strokes 0..1, ``spacing`` pixels apart, as wide as ``width`` times that, ``turn`` radians from the forms'.

    The direction is quantised, so that neighbouring strokes are parallel.
    """
    held = np.round((drawing.turn + turn) / 0.35) * 0.35
    sine, cosine = np.sin(held), np.cos(held)
    across = drawing.y * cosine - drawing.x * sine + 2.2 * drawing.hand
    along = drawing.x * cosine + drawing.y * sine
    number = np.round(across / spacing)
    off = np.abs(across / spacing - number) * 2
    shuffled = np.modf(np.sin(number * 12.9898 + turn) * 43758.5453)[0]
    lift = np.cos(along / rng.uniform(11, 15) + 6.28 * shuffled)  # starts and ends of strokes
    pressure = smoothstep(-0.92, -0.35, np.asarray(lift, np.float32))
    wide = np.asarray(width * (0.55 + 0.45 * pressure) * (0.8 + 0.4 * np.abs(shuffled)), np.float32)
    return np.asarray(smoothstep(0.22, -0.22, np.asarray(off - wide, np.float32)) * pressure, np.float32)
