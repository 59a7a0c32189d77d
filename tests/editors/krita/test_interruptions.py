"""Interrupted paintings in a real Krita: cancelled, kept, changed meanwhile, left by the daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(600)]

PAINTING = "Gramarye watercolour, strength 50"


@pytest.fixture(scope="module")
def results(editor: Editor, harbour: Path) -> Any:
    return editor.run("interruptions", picture=str(harbour), style="watercolour")


def test_cancel_removes_the_preview_and_keep_makes_a_layer_of_it(results: Any) -> None:
    assert results["cancelled"] == [["Background"], ""]
    assert results["kept"] == ["Background", PAINTING]
    assert results["kept_undone"] == ["Background"]


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
