"""Painting in a real Krita with real clicks and a real daemon, and recovery from interruptions during a painting."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from editors.krita.editor import SCREENSHOTS, Editor
from support.homes import REPOSITORY

pytestmark = [pytest.mark.krita, pytest.mark.timeout(600)]

PAINTING = "Gramarye watercolour, strength 50"


@pytest.fixture(scope="module")
def results(editor: Editor) -> Any:
    picture = editor.root / "life.png"
    with Image.open(REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png") as image:
        image.convert("RGB").resize((320, 240)).save(picture)
    return editor.run("life", picture=str(picture), style="watercolour")


def test_the_menu_opens_the_docker_and_a_click_chooses(results: Any) -> None:
    assert (results["without"], results["with"]) == (False, True), "disabled if no document is open"
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
    assert [is_enabled for *_, is_enabled in painting] == [False, True, True]
    assert results["second_click"] == [True, True, True]


def test_painted_again_it_lies_above_the_earlier_one(results: Any) -> None:
    assert results["repeated"] == ["Background", PAINTING, PAINTING]
    assert results["cleared"] == ["Background"]


def test_cancel_removes_the_preview_and_keep_makes_a_layer_of_it(results: Any) -> None:
    assert results["cancelled"] == [["Background"], ""]
    assert results["kept"] == ["Background", PAINTING]
    assert results["kept_undone"] == ["Background"]


def test_a_second_painting_is_refused_at_once_and_not_after_the_first_has_ended(results: Any) -> None:
    meanwhile, afterwards = results["busy"]
    assert meanwhile.startswith("A painting is already running.")
    assert afterwards == ""


def test_changes_by_the_user_during_a_painting_are_kept(results: Any) -> None:
    assert results["cancelled_while_working"] == ["Background", "mine"]
    assert results["kept_while_working"] == ["Background", PAINTING, "mine"]
    assert results["kept_inside"] == [[PAINTING, "paintlayer", False]]
    assert results["kept_seen"]
    assert results["undone_while_working"] == ["Background"], "two layers take two undo steps"


def test_removing_the_preview_or_the_source_does_not_lose_the_painting(results: Any) -> None:
    assert results["preview_removed"] == ["Background", PAINTING]
    assert "doomed" not in results["source_deleted"]
    assert PAINTING in results["source_deleted"]


def test_a_killed_daemon_is_reported_and_the_next_one_continues_the_painting(results: Any) -> None:
    said, layers = results["killed"]
    assert "Waiting for the daemon" in said
    assert "Gramarye preview" in layers
    assert PAINTING in results["after_killing"]
    assert "Gramarye preview" not in results["after_killing"]


def test_a_painting_that_ends_behind_another_document_is_one_layer_and_one_step_to_undo(results: Any) -> None:
    assert results["ended_behind"] == ["Background"]
    assert results["shown_again"] == [[PAINTING, "paintlayer"]]
    assert results["shown_again_note"]
    assert results["shown_again_undone"]


def test_a_closed_document_ends_its_painting(results: Any) -> None:
    assert "was closed" in results["closed"]


def test_screenshots_were_made(results: Any) -> None:
    assert results
    for name in ("krita-menu", "krita-painting", "krita-painted"):
        with Image.open(SCREENSHOTS / f"{name}.png") as image:
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 500
