"""The main choices that editors show, and their labels."""

from __future__ import annotations

from gramarye.engine.recipe import schema
from gramarye_plugin.choices import LABELS, RELEVANT_IF, choices, is_relevant
from gramarye_protocol.messages import Welcome


def welcome(options: list[dict[str, object]]) -> Welcome:
    return Welcome(1, "test", 1, 1 << 30, "painting", {}, tuple(options))


def test_the_daemons_own_schema_offers_colours_with_the_default_first() -> None:
    (colour,) = [choice for choice in choices(welcome(schema())) if choice.name == "colour"]
    assert colour.label == "Colours"
    assert colour.values == (
        ("style", "from the style"),
        ("layer", "keep my colours"),
        ("layer-before", "keep my colours, style recoloured first"),
        ("luminance", "keep my colours, paint light and dark only"),
    )


def test_a_choice_the_daemon_lacks_is_left_out_and_an_unknown_value_shows_as_it_is() -> None:
    assert choices(welcome([])) == []
    option: dict[str, object] = {
        "name": "colour",
        "type": "str",
        "default": "new",
        "help": "",
        "choices": ["style", "new"],
    }
    (colour,) = choices(welcome([option]))
    assert colour.values == (("new", "new"), ("style", "from the style"))


def test_a_choice_is_shown_only_if_it_has_an_effect() -> None:
    known = {option["name"]: option["choices"] for option in schema() if option["name"] in LABELS}
    for name, (other, values) in RELEVANT_IF.items():
        assert name in LABELS
        for value in known[other]:
            assert is_relevant(name, {other: value}) == (value in values)
        assert not is_relevant(name, {})
    assert is_relevant("colour", {})
    assert is_relevant("colour", {"colour": "style"})
