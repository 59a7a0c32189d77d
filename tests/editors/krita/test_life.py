"""Painting in a real Krita with real clicks and a real daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from editors.krita.editor import SCREENSHOTS, Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(600)]

PAINTING = "Gramarye watercolour, strength 50"


@pytest.fixture(scope="module")
def results(editor: Editor, harbour: Path) -> Any:
    return editor.run("life", picture=str(harbour), style="watercolour")


def test_the_menu_opens_the_docker_and_a_click_chooses(results: Any) -> None:
    assert (results["without"], results["with"]) == (False, True), "disabled if no document is open"
    assert results["opened"]
    assert results["chosen"] == ["watercolour"]


def test_the_painting_forms_in_one_locked_layer_above_the_source(results: Any) -> None:
    assert results["during"] == ["Background", "Gramarye preview"]
    assert results["locked"]
    assert results["folded"] == [True, [True, True]]
    assert results["active_during"] == "Background"
    assert results["said_during"].startswith("Step ")


def test_the_document_shows_it_as_it_forms(results: Any) -> None:
    colours, is_seen = results["seen_during"]
    assert colours > 100
    assert is_seen, "the first preview is shown"
    assert results["forms"], "a later preview is shown too"


def test_it_becomes_one_layer_and_one_step_to_undo(results: Any) -> None:
    assert results["after"] == ["Background", PAINTING]
    locked, levels, differs = results["result"]
    assert not locked
    assert levels > 100
    assert differs
    assert results["undone"] == ["Background"]
    assert results["redone"] == ["Background", PAINTING]
    assert results["redone_exact"]


def test_the_buttons_stay_where_they_are(results: Any) -> None:
    idle, painting, painted = results["places"]
    assert [place for place, *_ in idle] == [place for place, *_ in painting] == [place for place, *_ in painted]
    assert all(is_visible for place, is_visible, _ in (*idle, *painting, *painted))
    assert [is_enabled for *_, is_enabled in idle] == [True, False, False]
    assert [is_enabled for *_, is_enabled in painting] == [True, True, True], "another painting can wait"
    assert results["second_click"] == [True, True, True]


def test_painted_again_it_lies_above_the_earlier_one(results: Any) -> None:
    assert results["repeated"] == ["Background", PAINTING, PAINTING]
    assert results["cleared"] == ["Background"]


def test_screenshots_were_made(results: Any) -> None:
    assert results
    for name in ("krita-menu", "krita-painting", "krita-painted"):
        with Image.open(SCREENSHOTS / f"{name}.png") as image:
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 500
