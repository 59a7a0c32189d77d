"""Parsing of GIMP's JSON arguments, and the error messages for invalid ones."""

from __future__ import annotations

import pytest

from gramarye_gimp.failures import PaintError
from gramarye_gimp.json_arguments import (
    CHANNEL,
    MASK,
    SELECTION,
    Region,
    format_recipe,
    format_regions,
    parse_recipe,
    parse_regions,
)


def test_a_formatted_recipe_is_parsed_unchanged() -> None:
    values = {"steps": 60, "stroke_sizes": [0.5, 1.5], "clamp": False, "init": "noise"}
    assert parse_recipe(format_recipe(values)) == values
    assert format_recipe({}) == ""
    assert parse_recipe(" ") == {}


@pytest.mark.parametrize("text", ["steps=3", "[3]"])
def test_an_invalid_recipe_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(PaintError, match=r'Write them like \{"steps": 60\}'):
        parse_recipe(text)


def test_formatted_regions_are_parsed_unchanged() -> None:
    regions = [
        Region("sky", "swirls"),
        Region("17", "/pictures/night.png", 2.5),
        Region("hair", "waves", kind=CHANNEL),
        Region("sky", "waves", kind=MASK),
        Region("", "swirls", 0.5, SELECTION),
    ]
    assert parse_regions(format_regions(regions)) == tuple(regions)
    assert parse_regions('[{"layer": 17, "style": "waves", "weight": 2}]') == (Region("17", "waves", 2.0),)
    assert format_regions([]) == ""
    assert parse_regions("") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sky", "not valid JSON"),
        ('{"layer": "sky", "style": "waves"}', "not a JSON list"),
        ('["sky"]', "not a region"),
        ('[{"layer": "sky"}]', "not a region"),
        ('[{"layer": "sky", "style": "waves", "size": 2}]', "not a region"),
        ('[{"layer": "", "style": "waves"}]', "not a layer"),
        ('[{"layer": true, "style": "waves"}]', "not a layer"),
        ('[{"layer": "sky", "channel": "sky", "style": "waves"}]', "not a region"),
        ('[{"channel": 1.5, "style": "waves"}]', "not a channel"),
        ('[{"selection": "sky", "style": "waves"}]', "written as true"),
        ('[{"layer": "sky", "style": 3}]', "not a style"),
        ('[{"layer": "sky", "style": "waves", "weight": 0}]', "above 0"),
        ('[{"layer": "sky", "style": "waves", "weight": NaN}]', "above 0"),
        ('[{"layer": "sky", "style": "waves", "weight": "much"}]', "above 0"),
    ],
)
def test_invalid_regions_are_refused_with_an_example(text: str, said: str) -> None:
    with pytest.raises(PaintError, match=said) as caught:
        parse_regions(text)
    assert "Write them like" in str(caught.value)
