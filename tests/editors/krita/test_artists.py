"""All settings, a second style, regions, continued paintings and variations, in a real Krita with a real daemon."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from editors.krita.editor import SCREENSHOTS, Editor
from gramarye.engine.recipe import DEFAULT_PRESET, presets, schema
from gramarye_plugin.labels import CHOOSE_ONE, MORE_SETTINGS, RECIPE_DEFAULT, UNCHANGED_LAYER
from gramarye_plugin.options import CHOICE, Option, format_value, options
from gramarye_plugin.settings import PaintSettings
from gramarye_plugin.variations import MIDDLE, variations
from gramarye_protocol.messages import Welcome

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]

WELCOME = Welcome(1, "test", 1, 1 << 30, DEFAULT_PRESET, {}, tuple(schema()))


@pytest.fixture(scope="module")
def results(editor: Editor) -> Any:
    return editor.run("artists")


def _offered(option: Option) -> list[Any]:
    if option.kind == CHOICE:
        return [option.label, "choice", [RECIPE_DEFAULT, *(text for _, text in option.values)]]
    return [option.label, "text", format_value(presets()[DEFAULT_PRESET].recipe.to_dict()[option.name])]


def test_every_setting_has_its_shared_label_and_is_collapsed_at_first(results: Any) -> None:
    assert results["folded"]
    assert results["settings"] == [_offered(option) for option in options(WELCOME)]
    assert results["gatys"] == format_value(presets()["gatys"].recipe.history)


def test_the_paint_button_stays_on_the_screen(results: Any) -> None:
    is_visible, bottom = results["paint_is_there"]
    assert is_visible
    assert bottom <= 900
    assert results["high"] == 900, "the window has not grown"


def test_invalid_text_is_marked_reported_and_not_painted(results: Any) -> None:
    marked, (said, is_unbegun), recipe = results["wrong"]
    assert marked == ["Steps: '6x' is not a number."]
    assert said.startswith("Steps: '6x' is not a number.")
    assert is_unbegun
    assert recipe == {}


def test_settings_apply_until_they_are_reset_to_the_recipe(results: Any) -> None:
    recipe, said, head = results["right"]
    assert recipe == {"steps": 6, "stroke_sizes": [0.5, 2.0], "any_direction": True}
    assert said == "", "the error message goes when the field is corrected"
    assert head == f"{MORE_SETTINGS} (3)"
    assert results["with_colour"] == ["any_direction", "colour", "steps", "stroke_sizes"]
    assert results["emptied"] == [{"colour": "layer"}, "", MORE_SETTINGS]


def test_the_wheel_scrolls_past_a_slider(results: Any) -> None:
    assert results["wheel"] == 50


def test_a_second_style_is_mixed_in_and_noted_with_the_layer(results: Any) -> None:
    assert (results["no_share"], results["share"]) == (False, True)
    assert results["mixed"] == [["swirls", 0.7], ["waves", 0.3]]
    assert results["mixed_names"] == ["Background", "Gramarye swirls + waves, strength 50"]
    assert results["unmixed"] == ["swirls"]
    assert results["mixed_again"], "from the note, bit for bit"


def test_regions_are_layers_and_groups_hidden_ones_too(results: Any) -> None:
    assert results["region_menu"] == ["boats", "    boat", "sky", "Background"]
    assert results["regions"] == [["sky", "swirls"], ["boats", "waves"]]
    assert (results["rest"], results["no_rest"]) == (["swirls"], [])
    assert results["region_names"] == ["Background", "Gramarye swirls + waves, strength 50", "sky", "boats"]


def test_a_new_region_has_a_style_of_its_own(results: Any) -> None:
    assert len(set(results["region_defaults"])) == 3, results["region_defaults"]


def test_a_region_is_painted_where_its_layer_is_opaque_and_nowhere_else(results: Any) -> None:
    changed, within, all_of_it = results["changed"]
    assert changed == within, "the rest is unchanged, bit for bit"
    assert within > 0.95 * all_of_it
    assert results["regions_again"], "from the note, bit for bit"


def test_an_empty_or_deleted_region_is_reported(results: Any) -> None:
    assert "The layer sky, which is a region, is empty" in results["empty"]
    assert "The layer sky, which is a region, is no longer there. Remove" in results["gone"]
    assert results["left"] == ["boats"]
    assert results["elsewhere"] == [0, ["Background"]], "each document has its own regions"


@pytest.mark.parametrize("space", ["RGBA U8", "GRAYA U16", "RGBA F32", "CMYKA U8", "LABA U16"])
def test_a_mask_is_the_alpha_of_any_kind_of_layer(results: Any, space: str) -> None:
    assert results[f"alpha {space}"]


def test_a_layer_painted_again_continues_in_a_quarter_of_the_steps(results: Any) -> None:
    continued, continues_last, steps, fewer, said = results["gone_on"]
    assert continued == "", "the first painting has none to continue"
    assert continues_last
    assert (steps, fewer) == (40, 10)
    assert "It continues an earlier painting." in said
    assert results["gone_on_names"] == [
        "Background",
        "Gramarye swirls, strength 50",
        "Gramarye swirls, strength 70",
    ]


def test_it_starts_over_if_it_cannot_continue_or_should_not(results: Any) -> None:
    assert results["unfit"] == ["", True, 40, True]
    assert results["afresh"] == ["", False, False]
    assert results["other_size"] == ["", 80]


def test_eight_variations_surround_the_layer(results: Any) -> None:
    eight = variations(PaintSettings(), presets()[DEFAULT_PRESET].recipe.to_dict())
    labels = [variation.label for variation in eight]
    assert results["cells"] == [*labels[:MIDDLE], UNCHANGED_LAYER, *labels[MIDDLE:]]
    assert results["sizes"] == [[256, 192]]
    assert results["different"] == 8
    assert results["sheet_said"] == CHOOSE_ONE
    assert results["middle"], "the layer cannot be chosen"


def test_another_layer_is_painted_while_variations_are(results: Any) -> None:
    assert results["paint_meanwhile"] == [["Background", "Gramarye swirls, strength 50"], True]


def test_a_click_paints_one_at_full_size_and_keeps_its_settings(results: Any) -> None:
    assert results["taken"] == [True, 25, 1.8, {"steps": 4, "sketch": 0, "scales": 1}, None]
    assert results["full"] == [["Background", "Gramarye swirls, strength 25"], 320, 240, "U16"]
    assert results["slider"] == 25
    assert results["closed"]


def test_closing_the_window_early_cancels_the_variations(results: Any) -> None:
    assert results["after_closing"]


def test_settings_that_cannot_be_varied_are_reported(results: Any) -> None:
    said, has_no_window = results["none"]
    assert "There are no variations: the recipe's content_weight is 0" in said
    assert has_no_window


def test_screenshots_were_made(results: Any) -> None:
    assert results
    for name in ("krita-more", "krita-regions"):
        with Image.open(SCREENSHOTS / f"{name}.png") as image:
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 500
