"""GIMP's arguments that are JSON: what they come to, and what is said of those that come to nothing."""

from __future__ import annotations

import pytest

from gramarye_gimp.failures import PaintError
from gramarye_gimp.json_arguments import Region, format_recipe, format_regions, parse_recipe, parse_regions


def test_a_recipe_is_written_as_it_is_read() -> None:
    values = {"steps": 60, "stroke_sizes": [0.5, 1.5], "clamp": False, "init": "noise"}
    assert parse_recipe(format_recipe(values)) == values
    assert format_recipe({}) == ""
    assert parse_recipe(" ") == {}


@pytest.mark.parametrize("text", ["steps=3", "[3]"])
def test_a_recipe_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(PaintError, match=r'Write them like \{"steps": 60\}'):
        parse_recipe(text)


def test_regions_are_written_as_they_are_read() -> None:
    regions = [Region("sky", "swirls"), Region("17", "/pictures/night.png", 2.5)]
    assert parse_regions(format_regions(regions)) == tuple(regions)
    assert parse_regions('[{"layer": 17, "style": "waves", "weight": 2}]') == (Region("17", "waves", 2.0),)
    assert format_regions([]) == ""
    assert parse_regions("") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sky", "no JSON"),
        ('{"layer": "sky", "style": "waves"}', "no JSON list"),
        ('["sky"]', "no region"),
        ('[{"layer": "sky"}]', "no region"),
        ('[{"layer": "sky", "style": "waves", "size": 2}]', "no region"),
        ('[{"layer": "", "style": "waves"}]', "names no layer"),
        ('[{"layer": true, "style": "waves"}]', "names no layer"),
        ('[{"layer": "sky", "style": 3}]', "names no style"),
        ('[{"layer": "sky", "style": "waves", "weight": 0}]', "above 0"),
        ('[{"layer": "sky", "style": "waves", "weight": NaN}]', "above 0"),
        ('[{"layer": "sky", "style": "waves", "weight": "much"}]', "above 0"),
    ],
)
def test_regions_that_are_none_are_refused_with_an_example(text: str, said: str) -> None:
    with pytest.raises(PaintError, match=said) as caught:
        parse_regions(text)
    assert "Write them like" in str(caught.value)
