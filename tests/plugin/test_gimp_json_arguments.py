"""GIMP's arguments that are JSON: what they come to, and what is said of those that come to nothing."""

from __future__ import annotations

import pytest

from gramarye_gimp.failures import Trouble
from gramarye_gimp.json_arguments import Region, read_recipe, read_regions, written_recipe, written_regions


def test_a_recipe_is_written_as_it_is_read() -> None:
    values = {"steps": 60, "stroke_sizes": [0.5, 1.5], "clamp": False, "init": "noise"}
    assert read_recipe(written_recipe(values)) == values
    assert written_recipe({}) == ""
    assert read_recipe(" ") == {}


@pytest.mark.parametrize("text", ["steps=3", "[3]"])
def test_a_recipe_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Trouble, match=r'Write them like \{"steps": 60\}'):
        read_recipe(text)


def test_regions_are_written_as_they_are_read() -> None:
    regions = [Region("sky", "swirls"), Region("17", "/pictures/night.png", 2.5)]
    assert read_regions(written_regions(regions)) == tuple(regions)
    assert read_regions('[{"layer": 17, "style": "waves", "weight": 2}]') == (Region("17", "waves", 2.0),)
    assert written_regions([]) == ""
    assert read_regions("") == ()


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
    with pytest.raises(Trouble, match=said) as told:
        read_regions(text)
    assert "Write them like" in str(told.value)
