"""The preview in a real Krita: it covers only what is being painted, and no file keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(600)]

LEFT, TOP, WIDTH, HEIGHT = 40, 30, 120, 90
"""The selection of the script."""


@pytest.fixture(scope="module")
def results(editor: Editor, harbour: Path) -> Any:
    return editor.run("preview", picture=str(harbour))


def levels(path: Path) -> Any:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_the_canvas_is_unchanged_until_the_first_preview(results: Any) -> None:
    assert results["at_first"] == [0, ["Background"], True]
    assert results["formed"] == [True, True]
    assert results["cancelled"] == [["Background"], True]


def test_a_cancelled_preview_that_undo_brings_back_shows_nothing(results: Any) -> None:
    """The layer was changed while it was painted, so removing the preview is an undo step."""
    was_filled, (cancelled, first, second, third) = results["undone"]
    assert was_filled
    assert cancelled == [["Background"], True]
    with_preview = ["Background", "Gramarye preview"]
    assert first == [with_preview, True, False, False, False], "locked, hidden, empty, and the change is still there"
    assert second == [with_preview, True, False, False, True], "the change is undone"
    assert third == [["Background"], True]


def test_the_preview_changes_only_selected_pixels(results: Any) -> None:
    assert results["selected"] == [True, False]


def test_a_file_exported_meanwhile_has_no_white(results: Any, editor: Editor, harbour: Path) -> None:
    assert results
    original = levels(harbour)
    np.testing.assert_array_equal(levels(editor.root / "at-first.png"), original)
    exported = levels(editor.root / "selected.png").copy()
    inside = (slice(TOP, TOP + HEIGHT), slice(LEFT, LEFT + WIDTH))
    assert np.any(exported[inside] != original[inside])
    exported[inside] = original[inside]
    np.testing.assert_array_equal(exported, original)


def test_a_document_saved_meanwhile_opens_without_the_preview(results: Any) -> None:
    assert results["saved"]
    assert results["goes_on"]
    layers, is_unchanged, is_modified = results["opened"]
    assert layers == ["Background", "Selection Mask"]
    assert is_unchanged
    assert not is_modified
