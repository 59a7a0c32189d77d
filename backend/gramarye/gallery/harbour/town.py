"""The harbour town: a quay, gabled houses with lit windows, and a church tower."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from ..colour import RGB, rgb_array
from ..noise import FloatArray, fractal_noise
from .matte import FINE, SHAPE, WATERLINE, Patch, Plate, Point, ellipse, lay, polygon, rectangle, shaded, stroked

_LAMP: RGB = (1.0, 0.73, 0.34)
_PANE: RGB = (0.16, 0.19, 0.28)
_FRAME: RGB = (0.84, 0.78, 0.68)
_TIMBER: RGB = (0.24, 0.17, 0.14)
_QUAY = 292.0

Roof = Literal["gable", "stepped", "eaves"]


@dataclass(frozen=True)
class House:
    """A house front standing on ``base``: ``left``, ``width``, and heights of ``wall`` and ``roof`` in pixels.

    ``far``, 0..1, is the amount of haze in front of it. It has ``floors`` by ``bays`` windows.
    """

    left: float
    width: float
    wall: float
    roof: float
    kind: Roof
    paint: RGB
    tiles: RGB
    floors: int
    bays: int
    base: float = _QUAY
    far: float = 0.0


_BRICK, _SLATE, _RUST = (0.50, 0.25, 0.18), (0.26, 0.27, 0.34), (0.58, 0.30, 0.20)
_CREAM, _OCHRE, _ROSE = (0.86, 0.76, 0.60), (0.80, 0.58, 0.30), (0.74, 0.44, 0.38)
_BLUE, _SAGE, _WHITE = (0.42, 0.52, 0.62), (0.52, 0.56, 0.42), (0.88, 0.84, 0.78)

_BEHIND = (
    House(16, 44, 38, 26, "eaves", _CREAM, _RUST, 2, 3, 226, 0.42),
    House(68, 38, 44, 30, "gable", _ROSE, _SLATE, 2, 2, 219, 0.42),
    House(112, 46, 36, 26, "eaves", _WHITE, _RUST, 2, 3, 219, 0.42),
    House(164, 36, 44, 30, "gable", _OCHRE, _RUST, 2, 2, 217, 0.42),
    House(300, 40, 38, 27, "eaves", _CREAM, _RUST, 2, 3, 224, 0.36),
    House(340, 36, 40, 29, "gable", _BLUE, _SLATE, 2, 2, 232, 0.34),
    House(380, 40, 34, 24, "eaves", _ROSE, _RUST, 2, 3, 242, 0.30),
)
_FRONT = (
    House(-14, 62, 78, 34, "eaves", _OCHRE, _RUST, 3, 3),
    House(48, 56, 70, 48, "gable", _WHITE, _SLATE, 3, 2),
    House(104, 52, 84, 44, "stepped", _BRICK, _RUST, 3, 2),
    House(156, 66, 66, 32, "eaves", _BLUE, _RUST, 2, 4),
    House(222, 54, 76, 46, "gable", _CREAM, _RUST, 3, 2),
    House(276, 50, 62, 42, "gable", _ROSE, _SLATE, 2, 2),
    House(326, 62, 72, 32, "eaves", _SAGE, _SLATE, 3, 3),
    House(388, 50, 60, 44, "stepped", _OCHRE, _RUST, 2, 2),
    House(438, 34, 38, 24, "eaves", _WHITE, _RUST, 1, 2),
)


@dataclass(frozen=True)
class Town:
    """The state of the drawing.

    ``glow`` (rows, columns) is the light emitted by lamps. ``plaster`` (grain) and ``weather`` (streaks) are noise of
    unit deviation.
    """

    plate: Plate
    rng: np.random.Generator
    glow: FloatArray
    plaster: FloatArray
    weather: FloatArray


def draw_town(rng: np.random.Generator) -> Town:
    """Return the town on a new plate."""
    plaster = fractal_noise(rng, SHAPE, (5 * FINE, 5 * FINE), 4, 0.7)
    weather = fractal_noise(rng, SHAPE, (38 * FINE, 8 * FINE), 4, 0.6)
    town = Town(Plate.clear(), rng, np.zeros(SHAPE, np.float32), plaster, weather)
    for house in _BEHIND:
        _house(town, house)
    _church(town)
    for house in _FRONT:
        _house(town, house)
    _quay(town)
    return town


def _house(town: Town, house: House) -> None:
    """Draw wall, roof, chimney, windows and, in the front row, a door."""
    right, eaves = house.left + house.width, house.base - house.wall
    ridge = eaves - house.roof
    chimney = house.left + house.width * (0.22 + 0.5 * town.rng.random())
    if house.kind == "eaves":
        _masonry(town, rectangle(chimney, ridge - 9, chimney + 8, ridge + 12), _aired(_BRICK, house.far), 0.9)
        lay(town.plate, rectangle(chimney - 1, ridge - 11, chimney + 9, ridge - 8), _aired(_TIMBER, house.far))
    _masonry(town, polygon(_front(house)), _aired(house.paint, house.far), 1.0)
    if house.kind == "eaves":
        slope = [(house.left - 2, eaves + 2), (house.left + 5, ridge), (right - 5, ridge), (right + 2, eaves + 2)]
        _tiled(town, polygon(slope), _aired(house.tiles, house.far))
        lay(town.plate, rectangle(house.left - 1, eaves + 2, right + 1, eaves + 5), (0.08, 0.08, 0.14), 0.45)
    if house.kind == "gable":
        middle = (house.left + right) / 2
        edge = [(house.left - 3, eaves + 3), (middle, ridge - 2), (right + 3, eaves + 3)]
        shadow = [(x, y + 4.5) for x, y in edge]
        lay(town.plate, stroked(shadow, 3.0), (0.08, 0.08, 0.14), 0.4)
        lay(town.plate, stroked(edge, 4.2), shaded(_aired(house.tiles, house.far), np.full((1, 1), 0.85, np.float32)))
        lay(
            town.plate,
            stroked([(x + 0.6, y - 1.4) for x, y in edge[1:]], 1.2),
            _aired((0.95, 0.66, 0.44), house.far),
            0.8,
        )
    if house.kind != "eaves":
        middle = (house.left + right) / 2
        _window(town, house, middle, eaves - house.roof * 0.22, house.width * 0.085, house.roof * 0.17)
    _windows(town, house)


def _front(house: House) -> list[Point]:
    """Return the outline of the wall, including its gable."""
    left, right, eaves = house.left, house.left + house.width, house.base - house.wall
    outline: list[Point] = [(left, house.base), (left, eaves)]
    if house.kind == "gable":
        outline.append(((left + right) / 2, eaves - house.roof))
    if house.kind == "stepped":
        steps, run, rise = 5, house.width / 11, house.roof / 5
        climb = [(left + run * step, eaves - rise * step) for step in range(steps + 1)]
        for (x, y), (_, above) in pairwise(climb):
            outline += [(x, y), (x, above)]
        outline += [(left + right - x, y) for x, y in reversed(outline[1:])]
    return [*outline, (right, eaves), (right, house.base)]


def _aired(colour: RGB, far: float) -> RGB:
    """Return the colour mixed with haze."""
    air = (0.52, 0.42, 0.50)
    red, green, blue = (a + (b - a) * far for a, b in zip(colour, air, strict=True))
    return red, green, blue


def _masonry(town: Town, patch: Patch, colour: RGB, light: float) -> None:
    """Draw a wall: streaked by rain, darker on the left and at the bottom, warm on the sunlit side."""
    grain = np.float32(0.07) * town.plaster[patch.window] + np.float32(0.07) * town.weather[patch.window]
    across, down = patch.across(), patch.down()
    fall = np.float32(0.70) + np.float32(0.20) * across + np.float32(0.10) * (1 - down)
    lay(town.plate, patch, shaded(colour, np.float32(light) * fall * (1 + grain)))
    lay(town.plate, patch, (0.98, 0.62, 0.36), np.float32(0.17) * across**3 * (1 - 0.6 * down))
    lay(town.plate, patch, (0.10, 0.12, 0.18), np.float32(0.30) * np.maximum(down - 0.8, 0) * 5)


def _tiled(town: Town, patch: Patch, colour: RGB) -> None:
    """Draw a roof of tiles with slightly different colours."""
    rows, columns = patch.mask.shape
    row = np.arange(rows, dtype=np.float32)[:, None] / (2.7 * FINE)
    brick = np.arange(columns, dtype=np.float32)[None, :] / (3.2 * FINE) + 0.5 * (np.floor(row) % 2)
    burnt = town.rng.standard_normal((int(rows / (2.7 * FINE)) + 2, int(columns / (3.2 * FINE)) + 3)).astype(np.float32)
    tile = burnt[np.floor(row).astype(np.intp), np.floor(brick).astype(np.intp)]
    lip = (row % 1 - 0.5) * 0.42
    light = 0.86 + 0.13 * tile + lip + 0.08 * town.weather[patch.window] + 0.10 * patch.across()
    lay(town.plate, patch, shaded(colour, light))
    lay(town.plate, patch, (1.0, 0.62, 0.42), np.float32(0.22) * (1 - patch.down()) ** 2)


def _windows(town: Town, house: House) -> None:
    """Draw the windows; houses in the front row also have a door."""
    storey = house.wall / house.floors
    bay = house.width / house.bays
    door = int(town.rng.integers(house.bays)) if house.far == 0 else -1
    for floor in range(house.floors):
        for number in range(house.bays):
            x = house.left + bay * (number + 0.5)
            y = house.base - storey * (floor + 0.52)
            if floor == 0 and number == door:
                _door(town, x, house.base, storey)
            else:
                _window(town, house, x, y, min(bay * 0.24, 5.2), storey * 0.29)


def _window(town: Town, house: House, x: float, y: float, half: float, tall: float) -> None:
    """Draw a window centred at (x, y), with half width ``half`` and half height ``tall``, lit or dark at random."""
    alight = town.rng.random() < (0.62 if house.far == 0 else 0.4)
    warmth = 0.75 + 0.25 * town.rng.random()
    pane = rectangle(x - half, y - tall, x + half, y + tall)
    lay(
        town.plate, rectangle(x - half - 1.2, y - tall - 1.2, x + half + 1.2, y + tall + 1.2), _aired(_FRAME, house.far)
    )
    if alight:
        lamp = rgb_array(_LAMP) * np.float32(warmth)
        fade = 0.78 + 0.34 * _lamplight(pane) + 0.05 * town.plaster[pane.window]
        lay(town.plate, pane, np.asarray(lamp * fade[..., None], np.float32))
        town.glow[pane.window] += pane.mask * np.float32(warmth * (1 - house.far))
    else:
        sheen = rgb_array(_PANE) + (1 - pane.down())[..., None] * rgb_array((0.20, 0.13, 0.12))
        lay(town.plate, pane, sheen)
    bar = _aired(_TIMBER, house.far)
    lay(town.plate, rectangle(x - 0.45, y - tall, x + 0.45, y + tall), bar, 0.85)
    lay(town.plate, rectangle(x - half, y - tall * 0.25 - 0.4, x + half, y - tall * 0.25 + 0.4), bar, 0.85)
    lay(town.plate, rectangle(x - half - 2, y + tall + 1, x + half + 2, y + tall + 2.4), _aired(_FRAME, house.far))
    if house.floors == 3 and house.kind == "eaves" and house.far == 0:
        for side in (x - half - 4.2, x + half + 1.2):
            lay(town.plate, rectangle(side, y - tall - 1, side + 3, y + tall + 1), (0.20, 0.34, 0.36))


def _lamplight(pane: Patch) -> FloatArray:
    """Return the light of a lamp low behind the pane, 0..1."""
    centred = np.abs(2 * pane.across() - 1)
    return np.asarray((1 - 0.5 * centred) * (0.55 + 0.45 * pane.down()), np.float32)


def _door(town: Town, x: float, base: float, storey: float) -> None:
    """Draw a door with a lit fanlight."""
    top = base - storey * 0.72
    lay(town.plate, rectangle(x - 6, top - 1.5, x + 6, base), _FRAME)
    colours: tuple[RGB, ...] = ((0.36, 0.14, 0.12), (0.13, 0.27, 0.30), (0.20, 0.23, 0.17))
    leaf = rectangle(x - 4.6, top + 3.6, x + 4.6, base)
    lay(town.plate, leaf, shaded(colours[int(town.rng.integers(3))], 0.9 + 0.1 * town.weather[leaf.window]))
    light = rectangle(x - 4.4, top, x + 4.4, top + 3)
    lay(town.plate, light, _LAMP)
    town.glow[light.window] += light.mask


def _church(town: Town) -> None:
    """Draw a square stone tower with belfry, clock and slate spire, behind the front row."""
    left, right, top, foot, far = 258.0, 294.0, 128.0, 240.0, 0.22
    stone = _aired((0.70, 0.62, 0.52), far)
    _tiled(town, polygon([(212, 236), (218, 192), (262, 192), (262, 236)]), _aired(_SLATE, far))
    _masonry(town, rectangle(left, top, right, foot), stone, 1.0)
    for y in (top, 160.0, 196.0):
        lay(town.plate, rectangle(left - 1.5, y - 2, right + 1.5, y + 1), _aired((0.80, 0.70, 0.58), far))
        lay(town.plate, rectangle(left, y + 1, right, y + 3), (0.08, 0.08, 0.14), 0.35)
    for x in (left + 11, right - 11):
        lay(town.plate, polygon([(x - 4, 154), (x - 4, 140), (x, 134), (x + 4, 140), (x + 4, 154)]), (0.14, 0.13, 0.19))
    middle = (left + right) / 2
    spire = [(left - 3, top - 1), (middle, 44), (right + 3, top - 1)]
    _tiled(town, polygon(spire), _aired((0.25, 0.32, 0.38), far))
    lay(town.plate, polygon([(middle, 44), (right + 3, top - 1), (middle + 8, top - 1)]), (1.0, 0.60, 0.40), 0.30)
    lay(town.plate, stroked([(middle, 46), (middle, 30)], 1.0), _TIMBER)
    lay(town.plate, stroked([(middle - 4, 35), (middle + 4, 35)], 1.0), _TIMBER)
    _clock(town, middle, 178.0)


def _clock(town: Town, x: float, y: float) -> None:
    """Draw a lit clock face."""
    lay(town.plate, ellipse(x, y, 9, 9), _TIMBER)
    face = ellipse(x, y, 7.6, 7.6)
    lay(town.plate, face, (0.97, 0.88, 0.66))
    town.glow[face.window] += face.mask * np.float32(0.35)
    lay(town.plate, stroked([(x, y), (x, y - 6)], 0.9), _TIMBER)
    lay(town.plate, stroked([(x, y), (x + 3.6, y + 2)], 1.1), _TIMBER)


def _quay(town: Town) -> None:
    """Draw the quay wall in courses of stone, wet at the bottom, with lamps, and a mole on the right."""
    wall = polygon([(-4, _QUAY), (486, _QUAY), (492, WATERLINE + 8), (-4, WATERLINE + 8)])
    rows, columns = wall.mask.shape
    course = np.arange(rows, dtype=np.float32)[:, None] / (5.0 * FINE)
    along = np.arange(columns, dtype=np.float32)[None, :] / (11.0 * FINE) + 0.5 * (np.floor(course) % 2)
    tones = town.rng.standard_normal((8, int(columns / (11.0 * FINE)) + 3)).astype(np.float32)
    stone = tones[np.floor(course).astype(np.intp), np.floor(along).astype(np.intp)]
    joint = np.minimum(np.minimum(course % 1, 1 - course % 1) * 5.0, np.minimum(along % 1, 1 - along % 1) * 11.0)
    light = (0.80 + 0.12 * stone + 0.09 * town.plaster[wall.window]) * (0.6 + 0.4 * np.clip(joint * 1.6, 0, 1))
    lay(town.plate, wall, shaded((0.46, 0.40, 0.36), light * (1.1 - 0.55 * wall.down())))
    lay(town.plate, rectangle(-4, _QUAY - 2, 488, _QUAY + 1.4), _aired((0.66, 0.56, 0.47), 0.1))
    for x in (26.0, 98.0, 176.0, 262.0, 352.0, 430.0, 480.0):
        _street_lamp(town, x)
    for x in town.rng.uniform(10, 470, 12):
        lay(town.plate, rectangle(x, _QUAY - 5.5, x + 3, _QUAY), (0.12, 0.11, 0.14))


def _street_lamp(town: Town, x: float) -> None:
    """Draw a street lamp on the quay."""
    lay(town.plate, stroked([(x, _QUAY), (x, _QUAY - 30)], 1.5), (0.11, 0.11, 0.15))
    lamp = ellipse(x, _QUAY - 32, 2.6, 3.2)
    lay(town.plate, lamp, (1.0, 0.90, 0.62))
    town.glow[lamp.window] += lamp.mask * np.float32(4.0)
