"""What artists ask for, in real Krita with a real daemon: every setting, mixes, regions, going on, eight small ones."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from editors.krita.editor import SCREENSHOTS, Editor
from gramarye.engine.recipe import DEFAULT_PRESET, presets, schema
from gramarye_plugin.labels import AS_IT_IS, AS_THE_RECIPE_HAS_IT, CHOOSE_ONE, MORE
from gramarye_plugin.options import CHOICE, Option, options, shown
from gramarye_plugin.settings import Wishes
from gramarye_plugin.variations import MIDDLE, variations
from gramarye_protocol.messages import Welcome

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]

WELCOME = Welcome(1, "test", 1, 1 << 30, DEFAULT_PRESET, {}, tuple(schema()))


@pytest.fixture(scope="module")
def found(editor: Editor) -> Any:
    return editor.run("artists")


def _offered(option: Option) -> list[Any]:
    if option.kind == CHOICE:
        return [option.label, "choice", [AS_THE_RECIPE_HAS_IT, *(text for _, text in option.values)]]
    return [option.label, "text", shown(presets()[DEFAULT_PRESET].recipe.to_dict()[option.name])]


def test_every_setting_is_there_in_the_shared_words_and_folded_away_at_first(found: Any) -> None:
    assert found["folded"]
    assert found["settings"] == [_offered(option) for option in options(WELCOME)]
    assert found["gatys"] == shown(presets()["gatys"].recipe.history)


def test_paint_stays_on_the_screen_beside_them(found: Any) -> None:
    is_visible, bottom = found["paint_is_there"]
    assert is_visible
    assert bottom <= 900
    assert found["high"] == 900, "the window has not grown"


def test_what_cannot_be_read_is_marked_said_and_not_painted(found: Any) -> None:
    marked, (said, is_unbegun), recipe = found["wrong"]
    assert marked == ["Steps: '6x' is no number."]
    assert said.startswith("Steps: '6x' is no number.")
    assert is_unbegun
    assert recipe == {}


def test_what_is_set_is_wished_for_until_all_is_back_to_the_recipe(found: Any) -> None:
    recipe, said, head = found["right"]
    assert recipe == {"steps": 6, "stroke_sizes": [0.5, 2.0], "any_direction": True}
    assert said == "", "the complaint has gone with what it was about"
    assert head == f"{MORE} (3)"
    assert found["with_colour"] == ["any_direction", "colour", "steps", "stroke_sizes"]
    assert found["emptied"] == [{"colour": "layer"}, "", MORE]


def test_the_wheel_scrolls_past_a_slider(found: Any) -> None:
    assert found["wheel"] == 50


def test_a_second_style_is_mixed_in_and_noted_with_the_layer(found: Any) -> None:
    assert (found["no_share"], found["share"]) == (False, True)
    assert found["mixed"] == [["swirls", 0.7], ["waves", 0.3]]
    assert found["mixed_names"] == ["Background", "Gramarye swirls + waves, strength 50"]
    assert found["unmixed"] == ["swirls"]
    assert found["mixed_again"], "from the note, bit for bit"


def test_regions_are_layers_and_groups_hidden_ones_too(found: Any) -> None:
    assert found["region_menu"] == ["boats", "    boat", "sky", "Background"]
    assert found["regions"] == [["sky", "swirls"], ["boats", "waves"]]
    assert (found["rest"], found["no_rest"]) == (["swirls"], [])
    assert found["region_names"] == ["Background", "Gramarye swirls + waves, strength 50", "sky", "boats"]


def test_a_region_is_painted_where_its_layer_is_opaque_and_nowhere_else(found: Any) -> None:
    changed, within, all_of_it = found["changed"]
    assert changed == within, "the rest is as it was, bit for bit"
    assert within > 0.95 * all_of_it
    assert found["regions_again"], "from the note, bit for bit"


def test_a_region_that_is_empty_or_gone_is_said(found: Any) -> None:
    assert "The layer sky, which is a region, shows nothing" in found["empty"]
    assert "The layer sky, which is a region, is no longer there. Remove" in found["gone"]
    assert found["left"] == ["boats"]
    assert found["elsewhere"] == [0, ["Background"]], "another document has regions of its own"


@pytest.mark.parametrize("space", ["RGBA U8", "GRAYA U16", "RGBA F32", "CMYKA U8", "LABA U16"])
def test_a_mask_is_the_alpha_of_any_kind_of_layer(found: Any, space: str) -> None:
    assert found[f"alpha {space}"]


def test_the_same_layer_painted_again_goes_on_in_a_quarter_of_the_steps(found: Any) -> None:
    continued, goes_on, steps, fewer, said = found["gone_on"]
    assert continued == "", "the first has nothing to go on from"
    assert goes_on
    assert (steps, fewer) == (40, 10)
    assert "It goes on from an earlier painting." in said
    assert found["gone_on_names"] == [
        "Background",
        "Gramarye swirls, strength 50",
        "Gramarye swirls, strength 70",
    ]


def test_it_begins_afresh_where_it_cannot_go_on_or_is_not_to(found: Any) -> None:
    assert found["unfit"] == ["", True, 40, True]
    assert found["afresh"] == ["", False, False]
    assert found["other_size"] == ["", 80]


def test_eight_small_ones_surround_the_layer(found: Any) -> None:
    eight = variations(Wishes(), presets()[DEFAULT_PRESET].recipe.to_dict())
    labels = [variation.label for variation in eight]
    assert found["cells"] == [*labels[:MIDDLE], AS_IT_IS, *labels[MIDDLE:]]
    assert found["sizes"] == [[256, 192]]
    assert found["different"] == 8
    assert found["sheet_said"] == CHOOSE_ONE
    assert found["middle"], "the layer is no choice"


def test_a_click_paints_one_at_full_size_and_keeps_its_settings(found: Any) -> None:
    assert found["taken"] == [True, 25, 1.8, {"steps": 4, "sketch": 0, "scales": 1}, None]
    assert found["full"] == [["Background", "Gramarye swirls, strength 25"], 320, 240, "U16"]
    assert found["slider"] == 25
    assert found["closed"]


def test_closed_early_they_leave_the_daemon_free(found: Any) -> None:
    assert "Small ones are being painted." in found["paint_meanwhile"]
    assert found["after_closing"]


def test_where_nothing_can_be_varied_it_is_said(found: Any) -> None:
    said, has_no_window = found["none"]
    assert "There are no variations: the recipe's content_weight is 0" in said
    assert has_no_window


def test_screenshots_were_made(found: Any) -> None:
    assert found
    for name in ("krita-more", "krita-regions"):
        with Image.open(SCREENSHOTS / f"{name}.png") as image:
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 500
