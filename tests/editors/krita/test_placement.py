"""Where the result goes in a real Krita: above the layer, or in its place, and always one undo step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def results(editor: Editor, harbour: Path) -> Any:
    return editor.run("placement", picture=str(harbour))


def test_a_new_layer_is_above_the_earlier_paintings_or_directly_above_its_layer(results: Any) -> None:
    assert results["above"] == [
        "Background",
        "Gramarye watercolour, strength 70",
        "Gramarye watercolour, strength 50",
        "Gramarye watercolour, strength 60",
    ]


def test_the_painting_takes_the_place_of_its_layer(results: Any) -> None:
    assert results["replaced"] == [["sea"], True, 200, 3, "sea"]


def test_this_is_one_undo_step(results: Any) -> None:
    assert results["undone"] == [["sea"], True]
    assert results["redone"] == [["sea"], True]


def test_a_replaced_layer_can_be_painted_again_with_its_settings(results: Any) -> None:
    assert results["again"] == [["sea"], True]


def test_only_what_is_selected_is_replaced_and_transparent_pixels_stay_transparent(results: Any) -> None:
    layers, *changed = results["selected"]
    assert layers[0] == "Background"
    assert len(layers) == 2, "Krita shows the selection as a mask"
    assert changed == [True, False, False]


def test_a_layer_is_painted_whole_and_the_selection_becomes_its_mask(results: Any) -> None:
    kind, name, values, is_painted_outside, has_alpha, is_hidden_outside = results["masked"]
    assert (kind, name) == ("transparencymask", "Selection")
    assert values == [255, 255, 0]
    assert is_painted_outside
    assert has_alpha, "the layer's own, not the selection's"
    assert is_hidden_outside


def test_the_masked_layer_is_one_undo_step(results: Any) -> None:
    assert len(results["masked_undone"]) == len(results["selected"][0])
    assert results["masked_redone"] == results["masked"]


def test_a_locked_layer_is_kept_and_the_user_is_told(results: Any) -> None:
    layers, said = results["locked"]
    assert layers == 2
    assert said.startswith("The layer cannot be replaced, so the painting is a new layer above it.")
