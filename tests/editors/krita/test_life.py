"""The whole way in real Krita with real clicks: a real daemon paints, and whatever happens on the way is survived."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from editors.krita.editor import SCREENSHOTS, Editor
from support.homes import REPOSITORY

pytestmark = [pytest.mark.krita, pytest.mark.timeout(600)]

PAINTING = "Gramarye watercolour, strength 50"


@pytest.fixture(scope="module")
def found(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> Any:
    picture: Path = tmp_path_factory.mktemp("pictures") / "harbour.png"
    with Image.open(REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png") as image:
        image.convert("RGB").resize((320, 240)).save(picture)
    return editor.run("life", picture=str(picture), style="watercolour")


def test_the_menu_opens_the_docker_and_a_click_chooses(found: Any) -> None:
    assert (found["without"], found["with"]) == (False, True), "greyed where nothing is open"
    assert found["chosen"] == ["watercolour"]


def test_the_painting_forms_in_one_locked_layer_above_the_source(found: Any) -> None:
    assert found["during"] == ["Background", "Gramarye preview"]
    assert found["locked"]
    assert found["folded"] == [True, [True, True]]
    assert found["active_during"] == "Background"
    assert found["said_during"].startswith("Step ")


def test_the_document_shows_it_as_it_forms(found: Any) -> None:
    colours, is_seen = found["seen_during"]
    assert colours > 100
    assert is_seen, "the first picture"
    assert found["forms"], "and another one after it"


def test_it_becomes_one_layer_and_one_step_to_undo(found: Any) -> None:
    assert found["after"] == ["Background", PAINTING]
    locked, levels, differs = found["result"]
    assert not locked
    assert levels > 100
    assert differs
    assert found["undone"] == ["Background"]
    assert found["redone"] == ["Background", PAINTING]
    assert found["redone_exact"]


def test_painted_again_it_lies_above_the_earlier_one(found: Any) -> None:
    assert found["repeated"] == ["Background", PAINTING, PAINTING]
    assert found["cleared"] == ["Background"]


def test_cancel_takes_the_preview_away_and_keep_makes_a_layer_of_it(found: Any) -> None:
    assert found["cancelled"] == [["Background"], ""]
    assert found["kept"] == ["Background", PAINTING]
    assert found["kept_undone"] == ["Background"]


def test_what_the_artist_did_meanwhile_is_left_alone(found: Any) -> None:
    assert found["cancelled_while_working"] == ["Background", "mine"]
    assert found["kept_while_working"] == ["Background", PAINTING, "mine"]
    assert found["kept_inside"] == [[PAINTING, "paintlayer", False]]
    assert found["kept_seen"]
    assert found["undone_while_working"] == ["Background"], "two layers, two steps"


def test_a_removed_preview_or_source_costs_no_painting(found: Any) -> None:
    assert found["preview_removed"] == ["Background", PAINTING]
    assert "doomed" not in found["source_deleted"]
    assert PAINTING in found["source_deleted"]


def test_a_killed_daemon_is_told_of_and_its_painting_goes_on_in_the_next_one(found: Any) -> None:
    said, layers = found["killed"]
    assert "is away" in said
    assert "Gramarye preview" in layers
    assert PAINTING in found["after_killing"]
    assert "Gramarye preview" not in found["after_killing"]


def test_a_closed_document_ends_its_painting(found: Any) -> None:
    assert "was closed" in found["closed"]


def test_screenshots_were_made(found: Any) -> None:
    assert found
    for name in ("krita-menu", "krita-painting", "krita-painted"):
        with Image.open(SCREENSHOTS / f"{name}.png") as image:
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 500
