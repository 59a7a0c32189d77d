"""An option sheet: eight settings around the present ones, two sliders varied, to be painted small and chosen from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, Mapping, Sequence, Tuple

from .settings import EVEN, Wishes

SIDE = 256
"""Longest side of a painting on the sheet, in pixels."""

SHARE = 2
"""Such a painting has this part of the recipe's steps."""

COLUMNS, MIDDLE = 3, 4
"""The eight surround the present settings, which are not painted: place 4 of nine, counted by rows."""

Values = Mapping[str, Any]
"""A preset's recipe."""


@dataclass(frozen=True)
class Slider:
    """A setting that can be varied, and what less and more of it do to a painting.

    ``moved`` tells its value some notches on, ``least`` and ``most`` where it ends, ``factor_of`` the weight of the
    recipe that it multiplies.
    """

    less: str
    more: str
    least: float
    most: float
    read: Callable[[Wishes, Values], float]
    write: Callable[[Wishes, float], Wishes]
    moved: Callable[[float, float], float]
    factor_of: str = ""


@dataclass(frozen=True)
class Variation:
    """One of the eight: its place on the sheet, what tells it from the present settings, and its own settings."""

    place: int
    label: str
    wishes: Wishes


SLIDERS: Dict[str, Slider] = {
    "strength": Slider(
        "more layer",
        "more style",
        0.0,
        100.0,
        lambda wishes, _preset: float(wishes.strength),
        lambda wishes, value: replace(wishes, strength=round(value)),
        lambda value, notches: value + 25.0 * notches,
        factor_of="content_weight",
    ),
    "strokes": Slider(
        "finer strokes",
        "larger strokes",
        0.25,
        4.0,
        lambda wishes, _preset: wishes.stroke,
        lambda wishes, value: replace(wishes, stroke=value),
        lambda value, notches: value * 1.8**notches,
    ),
    "smoothness": Slider(
        "more grain",
        "smoother",
        0.0,
        1e12,
        lambda wishes, preset: float(wishes.recipe.get("tv_weight", preset["tv_weight"])),
        lambda wishes, value: replace(wishes, recipe={**wishes.recipe, "tv_weight": value}),
        lambda value, notches: value * 4.0**notches,
        factor_of="tv_weight",
    ),
}
"""By name, in the order of the editors' controls."""

USUAL = ("strength", "strokes")


def variations(wishes: Wishes, preset: Values, sliders: Sequence[str] = USUAL) -> Tuple[Variation, ...]:
    """The eight around ``wishes``, by place: the first slider varied by row, the second by column.

    ``preset`` is the recipe that the wishes' values replace some of. Where a slider is at its end both sides lie on
    the one that is left. ValueError unless ``sliders`` are two different ones of `SLIDERS`, none of which multiplies a
    weight of 0.
    """
    if len(sliders) != 2 or len(set(sliders)) != 2 or not set(sliders) <= set(SLIDERS):
        raise ValueError(
            f"two different sliders of {', '.join(SLIDERS)} are varied, not {', '.join(sliders) or 'none'}"
        )
    present = replace(wishes, is_whole=False, strength=EVEN) if wishes.is_whole else wishes
    rows, columns = (_around(name, present, preset) for name in sliders)
    found = []
    for place in range(COLUMNS * COLUMNS):
        (row_label, down), (column_label, across) = rows[place // COLUMNS], columns[place % COLUMNS]
        if place != MIDDLE:
            label = ", ".join(text for text in (row_label, column_label) if text)
            found.append(Variation(place, label, across(down(present))))
    return tuple(found)


def small(wishes: Wishes, preset: Values, zoom: float) -> Wishes:
    """The same settings for a copy of the layer ``zoom`` times its size: with fewer steps, and strokes alike."""
    values = {**preset, **wishes.recipe}
    stroke = wishes.stroke * zoom if values["style_fit"] == "own" else wishes.stroke
    steps = max(1, values["steps"] // SHARE) if values["steps"] else 0
    return replace(wishes, stroke=stroke, recipe={**wishes.recipe, "steps": steps})


Change = Callable[[Wishes], Wishes]


def _around(name: str, wishes: Wishes, preset: Values) -> Tuple[Tuple[str, Change], ...]:
    """Less, the same, and more of one slider: each a label and what it does to the wishes."""
    slider = SLIDERS[name]
    if slider.factor_of and not {**preset, **wishes.recipe}[slider.factor_of]:
        raise ValueError(f"the recipe's {slider.factor_of} is 0: there is neither less nor more {name}")
    value = slider.read(wishes, preset)
    notches = [-1.0, 0.0, 1.0]
    if slider.moved(value, -1.0) < slider.least:
        notches[0] = 0.5
    elif slider.moved(value, 1.0) > slider.most:
        notches[2] = -0.5
    return tuple((_label(slider, count), _change(slider, slider.moved(value, count), count)) for count in notches)


def _label(slider: Slider, notches: float) -> str:
    if not notches:
        return ""
    what = slider.more if notches > 0.0 else slider.less
    return what if abs(notches) == 1.0 else f"a little {what}"


def _change(slider: Slider, value: float, notches: float) -> Change:
    return lambda wishes: slider.write(wishes, value) if notches else wishes
