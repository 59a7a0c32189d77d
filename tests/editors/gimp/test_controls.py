"""The dialog's controls: labels shared by both editors, and the arguments that the controls set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from editors.gimp.conftest import Gimp
from editors.gimp.screen import Screen
from gramarye.engine.recipe import presets, schema
from gramarye_plugin import labels
from gramarye_plugin.network_choices import FULL, QUICK
from gramarye_plugin.options import CHOICE, format_value, options
from gramarye_protocol.messages import Welcome

pytestmark = pytest.mark.gimp

OPTIONS = options(Welcome(1, "test", 1, 1 << 30, "painting", {}, tuple(schema())))


@pytest.fixture(scope="module")
def results(bare_gimp: Gimp, _daemon: None) -> Iterator[dict[str, Any]]:
    screen = Screen(bare_gimp)
    try:
        plugin = bare_gimp.inside(bare_gimp.plugin)
        yield bare_gimp.run("controls", environ={"DISPLAY": screen.display}, plugin=plugin)
    finally:
        screen.close()


def test_full_and_quick_networks_are_offered_in_words_and_others_by_name(results: dict[str, Any]) -> None:
    networks = results["networks"]
    assert (networks["label"], networks["help"], networks["is shown"]) == (labels.QUALITY, labels.QUALITY_HELP, True)
    assert networks["entries"] == [["", FULL], ["draft", QUICK], ["vgg19-8bit", "vgg19-8bit"]]


def test_the_chosen_network_is_sent(results: dict[str, Any]) -> None:
    networks = results["networks"]
    assert networks["at first"] == [FULL, "", ""]
    assert networks["quick"] == [QUICK, "draft", "draft"]
    assert networks["full"] == [FULL, "", ""]


def test_a_saved_network_stays_chosen_even_if_it_is_not_installed(results: dict[str, Any]) -> None:
    assert results["networks"]["saved"] == ["vgg19-mat", "vgg19-mat", "vgg19-mat"]
    assert results["networks"]["reset"] == [FULL, "", ""]


def test_every_recipe_value_has_a_row_with_the_shared_label(results: dict[str, Any]) -> None:
    preset = presets()["painting"].recipe.to_dict()
    expected = [
        [
            option.label,
            labels.RECIPE_DEFAULT if option.kind == CHOICE else format_value(preset[option.name]),
            option.help,
        ]
        for option in OPTIONS
    ]
    assert results["more"]["rows"] == expected
    assert (results["more"]["title"], results["more"]["back"]) == (labels.MORE_SETTINGS, labels.RESET_TO_RECIPE)


def test_set_fields_are_merged_into_the_recipe_argument(results: dict[str, Any]) -> None:
    text, problem = results["more"]["set"]
    assert problem == ""
    assert json.loads(text) == {
        "content_weight": 3.5,
        "steps": 60,
        "stroke_sizes": [0.5, 1.5],
        "init": "noise",
        "recolour": False,
    }
    assert results["more"]["loaded"] == "7"


def test_an_invalid_value_is_marked_reported_and_not_sent(results: dict[str, Any]) -> None:
    text, problem, is_marked = results["more"]["wrong"]
    assert problem == "Steps: 'many' is not a number."
    assert is_marked
    assert "steps" not in json.loads(text)


def test_an_empty_field_shows_what_the_chosen_recipe_has(results: dict[str, Any]) -> None:
    assert results["more"]["placeholder of seed"] == format_value(presets()["seed"].recipe.steps)


def test_one_button_resets_to_the_recipe(results: dict[str, Any]) -> None:
    text, problem, is_marked, field = results["more"]["gone back"]
    assert json.loads(text) == {"content_weight": 3.5}
    assert (problem, is_marked, field) == ("", False, "")
    assert not results["more"]["back at first"]


def test_regions_are_rows_of_the_images_layers(results: dict[str, Any]) -> None:
    regions = results["regions"]
    group = {"layer": "group", "style": "waves", "weight": 1.0}
    assert json.loads(regions["of the image"]) == [group]
    assert regions["keep"]
    assert regions["layers"] == ["sky", "group", "   member", "layer"]
    assert json.loads(regions["added"]) == [group, {"layer": "sky", "style": "charcoal", "weight": 1.0}]
    assert json.loads(regions["changed"]) == [group, {"layer": "member", "style": "swirls", "weight": 2.5}]
    assert regions["removed"] == ["", 0, False]


def test_the_selection_masks_and_channels_are_regions_too_but_never_the_layer_itself(results: dict[str, Any]) -> None:
    regions = results["regions"]
    said = "Select a part of the picture first, or paint the region on a layer of its own."
    assert regions["nothing to add"] == [False, said]
    assert regions["items"] == ["the selection", "photo", "mask of photo", "channel hair"]
    found = [
        {key: value for key, value in entry.items() if key in ("selection", "mask", "channel", "layer")}
        for entry in json.loads(regions["all"])
    ]
    assert found == [{"selection": True}, {"mask": "photo"}, {"channel": "hair"}]


def test_loading_saved_settings_and_resetting_them_ends_and_shows_them(results: dict[str, Any]) -> None:
    regions = [{"layer": "sky", "style": "waves", "weight": 1.0}]
    for name in ("saved", "saved again"):
        *values, saved_regions = results["loaded"][name]
        assert values == ["waves", 70, "draft", '{"steps": 20}']
        assert json.loads(saved_regions) == regions
    assert results["loaded"]["reset"][1:] == [50, "", "", ""]


def test_the_style_is_stored_at_once_and_what_is_missing_is_said(results: dict[str, Any]) -> None:
    style = results["style"]
    first, stored, error = style["at first"]
    assert (bool(first), stored, error) == (True, "", "")
    assert style["gallery"] == [True, True]
    assert style["no file"] == [False, "Choose a picture file as the style."]
    assert style["layer"] == [True, ""], "the layer to paint is not offered"
    assert style["loaded"] == [True, True]
    assert style["no layer"] == [False, "There is no other layer whose style could be taken."]


def test_a_painting_offers_its_own_layer_first_and_its_settings(results: dict[str, Any]) -> None:
    layers = results["layers"]
    assert layers["offered"] == ["photo", "painting"]
    assert layers["chosen"] == "photo"
    assert layers["other"] == ["painting", ["changed"]]
    assert layers["settings"] == ["waves", 70, 2.0]
    assert layers["style layer"] == "photo"
    assert layers["photo"] == [2, False], "nothing to choose, and no settings to use"
    assert layers["source gone"] == ["painting"]
    assert layers["several"] == ["painting, layer"]


def test_settings_are_saved_under_names(results: dict[str, Any]) -> None:
    assert results["named"] == {
        "names": ["Hard, Straße", "soft"],
        "chosen": 20,
        "removed": ["Hard, Straße"],
        "read again": ["Hard, Straße"],
    }


@pytest.mark.parametrize("what", ["closed", "grey"])
def test_a_painting_whose_image_is_gone_becomes_an_image(results: dict[str, Any], what: str) -> None:
    assert results["image gone"][what] == ["Gramarye swirls", True, True, 1]


def test_the_second_style_is_none_at_first_and_its_share_is_shown_once_it_is_chosen(results: dict[str, Any]) -> None:
    second = results["second"]
    assert (second["texts"][0], second["texts"][-1]) == (labels.NONE, labels.FROM_FILE)
    assert "stained glass" in second["texts"]
    assert second["before"] == ["", False]
    assert second["chosen"] == ["waves", True]
    assert second["file"] == "night.png"
    assert second["after"] == [labels.NONE, False]


def test_continuing_is_offered_and_checked_if_there_is_a_last_painting(results: dict[str, Any]) -> None:
    assert results["go on"] == {
        "bare": [False, "", ""],
        "on": [True, True, "job7"],
        "off": ["afresh", ""],
        "stays off": [False],
    }


@pytest.mark.parametrize(("kind", "layout"), [("colour", "RGBA"), ("gray", "GRAYA")])
def test_variation_requests_have_the_downscaled_layer_selection_and_regions(
    results: dict[str, Any], kind: str, layout: str
) -> None:
    eight = results["eight"][kind]
    assert eight["count"] == 8
    assert eight["size"] == [256, 171, layout, "u8"]
    assert eight["colour"] <= 1
    assert eight["selected"] == [255, 0, 256 * 171]
    assert eight["region"] == [2, 255, 256 * 171]
    assert eight["steps"] == 2
    assert eight["seen"] == ["RGBA", 255, 0]
    assert eight["taken"] == [25, 0.556]
    assert eight["title"] == "Gramarye swirls + waves, strength 50: more layer, finer strokes"
