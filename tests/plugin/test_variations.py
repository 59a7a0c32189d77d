"""The eight variations of the current settings."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from gramarye.engine.recipe import presets
from gramarye_plugin.settings import PaintSettings
from gramarye_plugin.variations import MIDDLE, SLIDERS, Variation, downscaled_settings, variations

PRESET = presets()["painting"].recipe.to_dict()
CURRENT = PaintSettings(strength=60, stroke=1.25, preset="painting", recipe={"steps": 90})


def test_eight_settings_surround_the_current_one_row_by_row() -> None:
    eight = variations(CURRENT, PRESET)
    assert [variation.place for variation in eight] == [place for place in range(9) if place != MIDDLE]
    assert [variation.label for variation in eight] == [
        "more layer, finer strokes",
        "more layer",
        "more layer, larger strokes",
        "finer strokes",
        "larger strokes",
        "more style, finer strokes",
        "more style",
        "more style, larger strokes",
    ]
    for variation in eight:
        row, column = divmod(variation.place, 3)
        assert (variation.paint_settings.strength - 60 > 0) - (variation.paint_settings.strength - 60 < 0) == row - 1
        assert (variation.paint_settings.stroke > 1.25) - (variation.paint_settings.stroke < 1.25) == column - 1
        kept = replace(variation.paint_settings, strength=CURRENT.strength, stroke=CURRENT.stroke)
        assert kept == CURRENT, "nothing else changes"


def test_both_sides_have_equal_distance() -> None:
    left, right = (_at(variations(CURRENT, PRESET), place).stroke for place in (3, 5))
    assert math.log(left / 1.25) == pytest.approx(-math.log(right / 1.25))
    above, below = (_at(variations(CURRENT, PRESET), place).strength for place in (1, 7))
    assert 60 - above == below - 60


@pytest.mark.parametrize(
    "paint_settings",
    [
        PaintSettings(strength=100),
        PaintSettings(strength=0),
        PaintSettings(stroke=4.0),
        PaintSettings(stroke=0.25),
        PaintSettings(99, 0.1),
    ],
)
def test_at_the_end_of_a_slider_all_eight_lie_within_it_and_differ(paint_settings: PaintSettings) -> None:
    eight = variations(paint_settings, PRESET)
    settings = {(variation.paint_settings.strength, variation.paint_settings.stroke) for variation in eight}
    assert len(settings) == len({variation.label for variation in eight}) == 8
    assert (paint_settings.strength, paint_settings.stroke) not in settings
    assert all(0 <= strength <= 100 and 0.0 < stroke <= 4.0 for strength, stroke in settings)
    assert any("a little" in variation.label for variation in eight)


def test_the_sliders_are_chosen_in_their_order() -> None:
    eight = variations(CURRENT, PRESET, ("smoothness", "strength"))
    assert eight[0].label == "more grain, more layer"
    assert eight[-1].label == "smoother, more style"
    assert _at(eight, 1).recipe["tv_weight"] < PRESET["tv_weight"] < _at(eight, 7).recipe["tv_weight"]
    assert _at(eight, 7).recipe["steps"] == 90


@pytest.mark.parametrize(
    "sliders", [(), ("strength",), ("strength", "strength"), ("strength", "nosuch"), ["strokes"] * 3]
)
def test_two_different_sliders_are_varied(sliders: list[str]) -> None:
    with pytest.raises(ValueError, match="two different sliders"):
        variations(CURRENT, PRESET, sliders)


@pytest.mark.parametrize(("slider", "weight"), [("strength", "content_weight"), ("smoothness", "tv_weight")])
def test_a_weight_of_zero_cannot_be_varied(slider: str, weight: str) -> None:
    paint_settings = replace(CURRENT, recipe={weight: 0.0})
    with pytest.raises(ValueError, match=weight):
        variations(paint_settings, PRESET, (slider, "strokes"))


def test_for_a_full_recipe_its_content_weight_is_varied() -> None:
    """Settings with a full recipe ignore ``strength``: the recipe's weight includes it."""
    whole = PaintSettings(strength=70, recipe={**PRESET, "content_weight": 12.0}, has_full_recipe=True)
    more_layer, more_style = (_at(variations(whole, PRESET), place) for place in (1, 7))
    assert not more_layer.has_full_recipe
    assert more_layer.strength < 50 < more_style.strength
    assert more_layer.recipe["content_weight"] == 12.0


def test_variations_have_fewer_steps_and_the_same_strokes() -> None:
    assert downscaled_settings(CURRENT, PRESET, 0.25) == replace(CURRENT, recipe={"steps": 45})
    assert downscaled_settings(PaintSettings(), PRESET, 0.25).recipe == {"steps": PRESET["steps"] // 2}
    assert downscaled_settings(replace(CURRENT, recipe={"steps": 0}), PRESET, 0.5).recipe["steps"] == 0
    own = replace(CURRENT, recipe={"style_fit": "own"})
    assert downscaled_settings(own, PRESET, 0.25).stroke == 0.25 * CURRENT.stroke


def test_every_slider_has_words_for_both_sides() -> None:
    words = [word for slider in SLIDERS.values() for word in (slider.less_label, slider.more_label)]
    assert len(set(words)) == 2 * len(SLIDERS)


def _at(eight: tuple[Variation, ...], place: int) -> PaintSettings:
    (found,) = [variation.paint_settings for variation in eight if variation.place == place]
    return found
