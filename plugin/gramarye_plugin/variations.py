"""The eight variations: settings around the current ones, with two sliders varied, to be painted small."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, Mapping, Sequence, Tuple

from .settings import NEUTRAL_STRENGTH, PaintSettings

VARIATION_SIDE = 256
"""Longest side of a variation, in pixels."""

STEPS_DIVISOR = 2
"""A variation is painted in the recipe's steps divided by this."""

COLUMNS, MIDDLE = 3, 4
"""The grid is 3 x 3, places counted by rows from 0; place 4 holds the current settings, which are not painted."""

RecipeValues = Mapping[str, Any]
"""The complete values of a preset's recipe."""


@dataclass(frozen=True)
class Slider:
    """A setting that can be varied; the labels name the effect of less and of more of it.

    ``step_by(value, notches)`` returns the value moved by some notches; ``minimum`` and ``maximum`` are its range;
    ``scaled_weight`` names the recipe weight that the slider multiplies, if any.
    """

    less_label: str
    more_label: str
    minimum: float
    maximum: float
    read: Callable[[PaintSettings, RecipeValues], float]
    write: Callable[[PaintSettings, float], PaintSettings]
    step_by: Callable[[float, float], float]
    scaled_weight: str = ""


@dataclass(frozen=True)
class Variation:
    """One variation: its place in the grid, a label for how it differs from the current settings, and its settings."""

    place: int
    label: str
    paint_settings: PaintSettings


SLIDERS: Dict[str, Slider] = {
    "strength": Slider(
        "more layer",
        "more style",
        0.0,
        100.0,
        lambda paint_settings, _preset: float(paint_settings.strength),
        lambda paint_settings, value: replace(paint_settings, strength=round(value)),
        lambda value, notches: value + 25.0 * notches,
        scaled_weight="content_weight",
    ),
    "strokes": Slider(
        "finer strokes",
        "larger strokes",
        0.25,
        4.0,
        lambda paint_settings, _preset: paint_settings.stroke,
        lambda paint_settings, value: replace(paint_settings, stroke=value),
        lambda value, notches: value * 1.8**notches,
    ),
    "smoothness": Slider(
        "more grain",
        "smoother",
        0.0,
        1e12,
        lambda paint_settings, preset: float(paint_settings.recipe.get("tv_weight", preset["tv_weight"])),
        lambda paint_settings, value: replace(paint_settings, recipe={**paint_settings.recipe, "tv_weight": value}),
        lambda value, notches: value * 4.0**notches,
        scaled_weight="tv_weight",
    ),
}
"""The sliders by name, in the order of the editors' controls."""

DEFAULT_SLIDERS = ("strength", "strokes")


def variations(
    paint_settings: PaintSettings, preset: RecipeValues, sliders: Sequence[str] = DEFAULT_SLIDERS
) -> Tuple[Variation, ...]:
    """Return the eight variations of ``paint_settings`` by place: the first slider varies by row, the second by column.

    ``preset`` is the recipe whose values ``paint_settings`` changes. A slider near the end of its range takes both of
    its steps in the other direction. ValueError unless ``sliders`` are two different names of `SLIDERS`, neither of
    which multiplies a weight of 0.
    """
    if len(sliders) != 2 or len(set(sliders)) != 2 or not set(sliders) <= set(SLIDERS):
        raise ValueError(
            f"two different sliders of {', '.join(SLIDERS)} are needed, not {', '.join(sliders) or 'none'}"
        )
    current = (
        replace(paint_settings, has_full_recipe=False, strength=NEUTRAL_STRENGTH)
        if paint_settings.has_full_recipe
        else paint_settings
    )
    rows, columns = (_slider_steps(name, current, preset) for name in sliders)
    found = []
    for place in range(COLUMNS * COLUMNS):
        (row_label, down), (column_label, across) = rows[place // COLUMNS], columns[place % COLUMNS]
        if place != MIDDLE:
            label = ", ".join(text for text in (row_label, column_label) if text)
            found.append(Variation(place, label, across(down(current))))
    return tuple(found)


def downscaled_settings(paint_settings: PaintSettings, preset: RecipeValues, zoom: float) -> PaintSettings:
    """Return the settings for a copy of the layer scaled by ``zoom``: fewer steps, strokes of the same look."""
    values = {**preset, **paint_settings.recipe}
    stroke = paint_settings.stroke * zoom if values["style_fit"] == "own" else paint_settings.stroke
    steps = max(1, values["steps"] // STEPS_DIVISOR) if values["steps"] else 0
    return replace(paint_settings, stroke=stroke, recipe={**paint_settings.recipe, "steps": steps})


SettingsTransform = Callable[[PaintSettings], PaintSettings]


def _slider_steps(
    name: str, paint_settings: PaintSettings, preset: RecipeValues
) -> Tuple[Tuple[str, SettingsTransform], ...]:
    """Return less, the same and more of a slider, each as a label and a transform of the settings."""
    slider = SLIDERS[name]
    if slider.scaled_weight and not {**preset, **paint_settings.recipe}[slider.scaled_weight]:
        raise ValueError(f"the recipe's {slider.scaled_weight} is 0, so {name} cannot be varied")
    value = slider.read(paint_settings, preset)
    notches = [-1.0, 0.0, 1.0]
    if slider.step_by(value, -1.0) < slider.minimum:
        notches[0] = 0.5
    elif slider.step_by(value, 1.0) > slider.maximum:
        notches[2] = -0.5
    return tuple(
        (_label(slider, count), _slider_transform(slider, slider.step_by(value, count), count)) for count in notches
    )


def _label(slider: Slider, notches: float) -> str:
    if not notches:
        return ""
    what = slider.more_label if notches > 0.0 else slider.less_label
    return what if abs(notches) == 1.0 else f"a little {what}"


def _slider_transform(slider: Slider, value: float, notches: float) -> SettingsTransform:
    return lambda paint_settings: slider.write(paint_settings, value) if notches else paint_settings
