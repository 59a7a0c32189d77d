"""The boats in the harbour: moored fishing boats, a skiff, and a boat under sail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..colour import RGB
from ..noise import FloatArray, fractal_noise
from .matte import FINE, SHAPE, Patch, Plate, Point, curve, ellipse, lay, polygon, rectangle, shaded, stroked

_SPAR: RGB = (0.36, 0.24, 0.15)
_ROPE: RGB = (0.16, 0.13, 0.14)
_CANVAS: RGB = (0.83, 0.72, 0.55)
_TANNED: RGB = (0.72, 0.34, 0.16)


@dataclass(frozen=True)
class Boat:
    """A boat of ``length`` pixels, centred at ``x``, with its ``waterline`` at that y.

    ``heading`` is 1 for bow to the right, -1 for left. ``masts`` are (position -0.5..0.5 along the hull, height in
    pixels). ``sails``: set if true, else furled on the boom.
    """

    x: float
    waterline: float
    length: float
    heading: int
    hull: RGB
    masts: tuple[tuple[float, float], ...] = ()
    sails: bool = False
    cabin: bool = False


FLEET = (
    Boat(548, 318, 54, -1, (0.30, 0.20, 0.17), ((-0.02, 74),), sails=True),
    Boat(70, 334, 92, 1, (0.17, 0.30, 0.44), ((0.16, 104), (-0.30, 70)), cabin=True),
    Boat(222, 346, 106, -1, (0.58, 0.17, 0.13), ((-0.12, 118),), cabin=True),
    Boat(398, 338, 86, 1, (0.16, 0.35, 0.32), ((0.08, 98), (-0.34, 62))),
    Boat(486, 398, 72, -1, (0.74, 0.66, 0.50)),
)


def wood_grain(rng: np.random.Generator) -> FloatArray:
    """Return wood grain along the planks, for the whole plate."""
    return fractal_noise(rng, SHAPE, (2.5 * FINE, 26 * FINE), 4, 0.7)


def draw_boat(boat: Boat, wood: FloatArray) -> Plate:
    """Return a plate with the boat, its planks textured with ``wood``."""
    plate = Plate.clear()
    for mast in boat.masts:
        _rig(plate, boat, mast, wood)
    if boat.cabin:
        _cabin(plate, boat, wood)
    _hull(plate, boat, wood)
    return plate


def _at(boat: Boat, along: float, up: float) -> Point:
    """Return a point ``along`` the hull (-0.5 stern .. 0.5 bow) and ``up`` pixels above the water."""
    return boat.x + boat.heading * along * boat.length, boat.waterline - up


def _sheer(boat: Boat, drop: float) -> list[Point]:
    """Return the line of the gunwale from stern to bow, lowered by ``drop`` pixels."""
    size = boat.length / 90
    stern, middle, bow = 13 * size - drop, 6 * size - drop, 20 * size - drop
    return curve(_at(boat, -0.5, stern), _at(boat, 0.02, middle), _at(boat, 0.5, bow))


def _hull(plate: Plate, boat: Boat, wood: FloatArray) -> None:
    """Draw planks, a pale strake under the gunwale, a dark bottom, and evening light on the right side."""
    rim = _sheer(boat, 0)
    keel = curve(_at(boat, 0.40, -2), _at(boat, 0, -4), _at(boat, -0.44, -2))
    body = polygon([*rim, *keel])
    lay(plate, body, shaded(boat.hull, _timbered(body, wood) * (1.08 - 0.5 * body.down())))
    strake = polygon([*rim, *reversed(_sheer(boat, 2.6))])
    lay(plate, strake, shaded((0.90, 0.82, 0.68), 0.95 + 0.10 * wood[strake.window]))
    for drop in (5.0, 8.0):
        lay(plate, stroked(_sheer(boat, drop * boat.length / 90), 0.6), (0.05, 0.05, 0.08), 0.35)
    foot = polygon([*curve(_at(boat, -0.46, 1.4), _at(boat, 0, 0.2), _at(boat, 0.44, 1.4)), *keel])
    lay(plate, foot, (0.10, 0.07, 0.09), 0.75)
    east = body.across() if boat.heading > 0 else body.across() ** 2
    lay(plate, body, (1.0, 0.62, 0.38), np.float32(0.22) * east)
    if not boat.masts:
        inside = polygon([*_sheer(boat, 0.6), *curve(_at(boat, 0.46, 11), _at(boat, 0.02, 8.5), _at(boat, -0.46, 11))])
        lay(plate, inside, (0.22, 0.16, 0.13), 0.8)
        lay(plate, stroked([_at(boat, -0.16, 9), _at(boat, -0.62, -1)], 1.3), _SPAR)


def _timbered(patch: Patch, wood: FloatArray) -> FloatArray:
    return np.asarray(0.84 + 0.10 * wood[patch.window] + 0.12 * patch.across(), np.float32)


def _cabin(plate: Plate, boat: Boat, wood: FloatArray) -> None:
    """Draw a small white wheelhouse with two lit windows."""
    (one, _), (other, _) = _at(boat, -0.36, 0), _at(boat, -0.12, 0)
    left, right, foot = min(one, other), max(one, other), boat.waterline - 7
    walls = rectangle(left, foot - 20, right, foot)
    lay(plate, walls, shaded((0.84, 0.80, 0.74), _timbered(walls, wood)))
    lay(plate, rectangle(left - 2, foot - 22.5, right + 2, foot - 19.5), _SPAR)
    for share in (0.28, 0.72):
        x = left + (right - left) * share
        lay(plate, rectangle(x - 3, foot - 16, x + 3, foot - 9), (1.0, 0.77, 0.40))
        lay(plate, rectangle(x - 0.4, foot - 16, x + 0.4, foot - 9), _SPAR)


def _rig(plate: Plate, boat: Boat, mast: tuple[float, float], wood: FloatArray) -> None:
    """Draw mast, boom and shrouds, and the sail, set or furled along the boom."""
    place, tall = mast
    foot, top = _at(boat, place, 5), _at(boat, place, tall)
    boom, peak = _at(boat, place - 0.40 * tall / 100, 17), _at(boat, place - 0.30 * tall / 100, tall * 0.80)
    if boat.sails:
        _sail(
            plate,
            [*curve(top, _at(boat, place - 0.52, tall * 0.42), _at(boat, place - 0.56, 16)), _at(boat, place, 13)],
            _TANNED,
            wood,
        )
        jib = [*curve(_at(boat, place + 0.04, tall * 0.90), _at(boat, place + 0.22, tall * 0.38), _at(boat, 0.50, 15))]
        _sail(
            plate, [*jib, *curve(_at(boat, 0.50, 15), _at(boat, 0.26, 14), _at(boat, place + 0.06, 14))], _CANVAS, wood
        )
    else:
        lay(plate, stroked([(foot[0], boom[1] - 1), boom], 4.6), shaded(_CANVAS, np.full((1, 1), 0.78, np.float32)))
        lay(plate, stroked([(foot[0], boom[1] - 2.4), (boom[0], boom[1] - 2.2)], 1.6), (0.95, 0.82, 0.64), 0.8)
        lay(plate, stroked([foot, peak], 1.2), _SPAR)
    for end in (_at(boat, 0.52, 19), _at(boat, -0.48, 12), _at(boat, place + 0.13, 8), _at(boat, place - 0.13, 8)):
        lay(plate, stroked([top, end], 0.5), _ROPE, 0.7)
    lay(plate, stroked([foot, top], 2.0), _SPAR)
    lay(plate, stroked([(foot[0] + 0.6, foot[1]), (top[0] + 0.6, top[1])], 0.7), (0.96, 0.66, 0.42), 0.65)
    lay(plate, ellipse(top[0], top[1], 1.3, 1.3), _ROPE)


def _sail(plate: Plate, outline: list[Point], colour: RGB, wood: FloatArray) -> None:
    """Draw a full sail with its seams."""
    patch = polygon(outline)
    belly = 0.82 + 0.34 * np.sin(np.pi * patch.across()) * (0.5 + 0.5 * patch.down()) + 0.07 * wood[patch.window]
    seams = np.abs((patch.across() * 5 + 0.6 * patch.down()) % 1 - 0.5) > 0.46
    lay(plate, patch, shaded(colour, np.asarray(belly - 0.12 * seams, np.float32)))
