"""Building a request from the user's settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gramarye_plugin.settings import ChosenStyle, PaintSettings, build_submit, mix_in_style, split_second_style
from gramarye_protocol.messages import Welcome
from support.peers import noise_layer

WELCOME = Welcome(
    1,
    "test",
    1,
    1 << 30,
    "painting",
    {"painting": {"recipe": {"content_weight": 40.0}}, "seed": {"recipe": {"content_weight": 7.0}}},
    (),
)


@pytest.mark.parametrize(
    ("paint_settings", "expected"),
    [
        (PaintSettings(), {}),
        (PaintSettings(strength=100), {"content_weight": 2.5}),
        (PaintSettings(strength=0, preset="seed"), {"content_weight": 112.0}),
        (PaintSettings(strength=75, recipe={"content_weight": 8.0, "steps": 9}), {"content_weight": 2.0, "steps": 9}),
    ],
)
def test_strength_weighs_the_layer_against_the_style(paint_settings: PaintSettings, expected: dict[str, Any]) -> None:
    assert paint_settings.values(WELCOME) == pytest.approx(expected)


def test_a_submission_names_its_layer_and_carries_every_style() -> None:
    picture = noise_layer(20, 20, "RGB")
    styles = (ChosenStyle("starry night", picture=picture), ChosenStyle("waves", name="waves", weight=0.5))
    sent = build_submit(noise_layer(32, 32, "BGRA"), styles, PaintSettings(strength=60, stroke=0.5), WELCOME)
    assert sent.title == "Gramarye starry night + waves, strength 60"
    assert [(style.name, style.picture, style.weight, style.scale) for style in sent.styles] == [
        ("", picture, 1.0, 0.5),
        ("waves", None, 0.5, 0.5),
    ]
    assert sent.watch.preview_every > 0


@pytest.mark.parametrize(
    ("percent", "weights"),
    [(0, {"one": 1.0}), (30, {"one": 0.7, "other": 0.3}), (100, {"other": 1.0})],
)
def test_a_second_style_is_mixed_in_by_its_share(percent: int, weights: dict[str, float]) -> None:
    made = mix_in_style((ChosenStyle("one"),), ChosenStyle("other"), percent)
    assert {style.title: style.weight for style in made} == pytest.approx(weights)


def test_mixing_a_style_into_several_keeps_the_total_weight() -> None:
    styles = (ChosenStyle("one", weight=1.0), ChosenStyle("two", weight=3.0))
    made = mix_in_style(styles, ChosenStyle("other"), 25)
    assert [(style.title, style.weight) for style in made] == [("one", 0.75), ("two", 2.25), ("other", 1.0)]


@pytest.mark.parametrize("percent", [1, 30, 50, 99])
@pytest.mark.parametrize("count", [1, 3])
def test_a_mixed_style_can_be_told_from_the_others(percent: int, count: int) -> None:
    styles = tuple(ChosenStyle(f"style {number}") for number in range(count))
    mixed = mix_in_style(styles, ChosenStyle("other"), percent)
    assert split_second_style(mixed) == (styles, ChosenStyle("other"), percent)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_styles_without_a_mixed_one_stay_as_they_are(count: int) -> None:
    styles = tuple(ChosenStyle(f"style {number}") for number in range(count))
    assert split_second_style(styles) == (styles, None, 0)


def _full_recipe(settings: PaintSettings) -> dict[str, Any]:
    """The recipe that the daemon notes for a painting with these settings."""
    preset = WELCOME.presets[settings.preset or "painting"]["recipe"]
    return {**preset, "style_layers": [1, 2], **settings.values(WELCOME)}


@pytest.mark.parametrize(
    "settings",
    [
        PaintSettings(),
        PaintSettings(strength=83, stroke=2.0, network="draft"),
        PaintSettings(strength=12, preset="seed"),
        PaintSettings(strength=40, recipe={"content_weight": 8.0}),
    ],
)
def test_the_settings_of_a_full_recipe_lead_to_that_recipe(settings: PaintSettings) -> None:
    noted = replace(settings, recipe=_full_recipe(settings), has_full_recipe=True)
    again = noted.without_full_recipe(WELCOME)
    assert not again.has_full_recipe
    assert set(again.recipe) == set(settings.recipe), "values of the preset are not repeated"
    assert again.values(WELCOME) == pytest.approx(settings.values(WELCOME))
    assert (again.strength, again.stroke, again.preset) == (settings.strength, settings.stroke, settings.preset)


def test_a_preset_that_the_daemon_lacks_becomes_changes_to_its_default() -> None:
    noted = PaintSettings(preset="gone", recipe={"content_weight": 3.0}, has_full_recipe=True)
    assert noted.without_full_recipe(WELCOME) == PaintSettings(recipe={"content_weight": 3.0})


def test_a_full_recipe_is_sent_whatever_presets_the_daemon_has() -> None:
    noted = PaintSettings(preset="gone", recipe={"content_weight": 3.0}, has_full_recipe=True)
    sent = build_submit(noise_layer(32, 32, "BGRA"), (ChosenStyle("waves", name="waves"),), noted, WELCOME)
    assert (sent.preset, sent.recipe) == ("", {"content_weight": 3.0})
