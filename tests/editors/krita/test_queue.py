"""Several paintings in a real Krita: they wait in the daemon's queue, and are listed and cancelled in the docker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]

PAINTING = "Gramarye watercolour, strength 50"


@pytest.fixture(scope="module")
def results(editor: Editor, harbour: Path) -> Any:
    return editor.run("queue", picture=str(harbour), style="watercolour")


def test_paintings_are_listed_while_there_is_more_than_one(results: Any) -> None:
    assert results["alone"] == []
    assert results["queued"] == ["sea", "harbour"], "the second click of a double click does not count"
    assert results["documents"] == ["harbour.png", "harbour.png"]
    assert results["three"] == ["sea", "harbour", "boats"]
    assert results["high"] == 900, "the window has not grown"
    assert results["list_after"] == []


def test_a_refusal_is_shown_with_a_copy_button_in_place_of_the_progress_for_a_while(results: Any) -> None:
    said, can_copy, can_copy_later = results["refused"]
    assert said.startswith("This layer was not painted by Gramarye.")
    assert (can_copy, can_copy_later) == (True, False)
    assert results["copied"] == said


def test_an_animated_layer_is_painted_with_a_notice(results: Any) -> None:
    assert "only the frame that is shown is painted" in results["animated"]


def test_one_that_waits_can_be_painted_next_or_cancelled(results: Any) -> None:
    assert results["next"] == ["sea", "boats", "harbour"]
    assert results["one_cancelled"] == ["sea", "boats"]
    assert results["unchanged_meanwhile"] == ["boats"], "it waits without a preview"


def test_the_next_is_painted_in_its_document_when_the_first_has_ended(results: Any) -> None:
    assert results["painted"] == [["sea"], ["boats", PAINTING]]


def test_variations_wait_in_the_queue_and_are_begun_once(results: Any) -> None:
    assert results["variations_wait"].startswith("1 of 8: Waiting in the queue, ")
    windows, said = results["variations_twice"]
    assert windows == 1
    assert said == "Variations are being painted. Wait for them, or close their window."


def test_all_can_be_cancelled(results: Any) -> None:
    assert results["all_cancelled"] == [["sea"], 0]
