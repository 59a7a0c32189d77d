"""Building a request from the user's settings."""

from __future__ import annotations

from typing import Any

import pytest

from gramarye_plugin.settings import ChosenStyle, PaintSettings, build_submit, mix_in_style
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
