"""The recipe's values as editors offer them."""

from __future__ import annotations

import pytest

from gramarye.engine.recipe import Recipe, presets, schema
from gramarye_plugin.choices import CHOICE_LABELS, UNOFFERED
from gramarye_plugin.options import CHOICE, LABELS, LIST, NUMBER, SET_BY_OTHER_CONTROLS, format_value, options
from gramarye_protocol.messages import Welcome

WELCOME = Welcome(1, "test", 1, 1 << 30, "painting", {}, tuple(schema()))
BY_NAME = {option.name: option for option in options(WELCOME)}


def test_every_value_of_the_schema_is_offered_or_set_elsewhere_and_has_a_label() -> None:
    names = {option["name"] for option in schema()}
    assert set(BY_NAME) == names - set(SET_BY_OTHER_CONTROLS)
    assert set(LABELS) == set(BY_NAME)
    assert len(set(LABELS.values())) == len(LABELS)


def test_every_choice_has_labels_for_the_daemons_values_and_no_others() -> None:
    for option in schema():
        if option.get("choices") and not option["type"].startswith("list"):
            offered = [value for value in option["choices"] if value not in UNOFFERED.get(option["name"], ())]
            assert sorted(CHOICE_LABELS[option["name"]]) == sorted(offered), option["name"]


def test_no_editor_offers_to_start_from_a_picture_that_it_cannot_send() -> None:
    assert [value for value, _ in BY_NAME["init"].values] == ["content", "noise"]


@pytest.mark.parametrize("option", BY_NAME.values(), ids=lambda option: option.name)
def test_the_defaults_read_back_as_the_default_recipe_has_them(option: object) -> None:
    from gramarye_plugin.options import Option

    assert isinstance(option, Option)
    default = presets()["painting"].recipe.to_dict()[option.name]
    if option.kind == CHOICE:
        assert default in [value for value, _ in option.values]
    else:
        value = option.read(option.default)
        assert Recipe.from_dict({option.name: [] if value is None else value}).to_dict()[option.name] == default


def test_an_empty_field_changes_nothing() -> None:
    assert BY_NAME["steps"].read("  ") is None
    assert BY_NAME["style_layers"].read("") is None


def test_numbers_and_lists_are_parsed_and_invalid_text_is_refused_by_label() -> None:
    assert BY_NAME["steps"].read("60") == 60
    assert BY_NAME["stroke_sizes"].read("0.5, 1.5") == [0.5, 1.5]
    assert BY_NAME["style_layers"].read("relu1_1,relu2_1") == ["relu1_1", "relu2_1"]
    for name, text in (("steps", "many"), ("steps", "-1"), ("stroke_sizes", "1,99")):
        with pytest.raises(ValueError, match=LABELS[name]):
            BY_NAME[name].read(text)


def test_kinds_follow_the_schema() -> None:
    kinds = {name: BY_NAME[name].kind for name in ("any_direction", "steps", "style_layers", "blend")}
    assert kinds == {"any_direction": CHOICE, "steps": NUMBER, "style_layers": LIST, "blend": CHOICE}
    assert format_value(True) == "yes"
    assert format_value([0.5, 1.0]) == "0.5, 1"
