"""The history in a real Krita: the paintings of a document can be inserted again, compared, and painted anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]

FIRST, SECOND = "Gramarye watercolour, strength 70", "Gramarye waves, strength 30"


@pytest.fixture(scope="module")
def results(editor: Editor, harbour: Path) -> Any:
    return editor.run("history", picture=str(harbour), style="watercolour")


def test_a_finished_painting_is_listed_with_its_picture_also_after_an_undo(results: Any) -> None:
    assert results["at_first"] == [[], False]
    assert results["one"] == [FIRST]
    assert results["colours"] > 500
    assert results["undone"] == [["Background"], [FIRST]]
    assert results["two"] == [SECOND, FIRST]


def test_it_is_inserted_again_with_the_same_pixels_in_one_undo_step(results: Any) -> None:
    assert results["inserted"] == [["Background", FIRST], True, "Background"]
    assert results["one_step"] == [["Background"], ["Background", FIRST]]


def test_press_and_hold_shows_the_layer_without_its_paintings(results: Any) -> None:
    assert results["nothing_to_compare"] is False
    assert results["compared"] == [True, [True, False, False]]
    assert results["compared_after"]


def test_its_styles_and_settings_can_be_used(results: Any) -> None:
    recipe = {"steps": 6, "sketch": 0, "scales": 1}
    assert results["settings"] == [["watercolour"], 70, recipe, "", ""]
    assert results["selected"] == ["watercolour"]


def test_favourites_come_first(results: Any) -> None:
    assert results["favourite"] == [[FIRST, SECOND], True]


def test_the_styles_used_last_come_first_in_the_gallery(results: Any) -> None:
    assert results["recent"] == ["waves", "watercolour"]


def test_the_history_is_saved_with_the_document(results: Any) -> None:
    assert results["closed"] == []
    assert results["opened"] == [FIRST, SECOND]
    assert results["after_opening"] == [["Background", FIRST, SECOND, FIRST], True]


def test_a_painting_can_be_discarded_and_its_layer_stays(results: Any) -> None:
    assert results["discarded"] == [[FIRST], 4]


def test_a_painting_that_the_daemon_has_deleted_is_refused_with_what_to_do(results: Any) -> None:
    assert results["gone"] == "The daemon no longer has this painting. Use its settings and paint it again."


def test_the_window_fits_a_small_screen_also_with_a_queue(results: Any) -> None:
    assert results["small"] == [768, False], "the queue takes the place of the thumbnails"
    assert results["small_after"] == [768, True]
