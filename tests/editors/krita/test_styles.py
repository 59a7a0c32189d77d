"""Styles from files, layers and documents; saved notes; 16-bit documents; Krita's plugin importer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from editors.krita.editor import Editor
from gramarye.plugin_install import krita
from gramarye.plugin_install.files import write_zip

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def results(editor: Editor) -> Any:
    folder = editor.root / "styles"
    folder.mkdir()
    values = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(values).save(folder / "my_brushes.jpg")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    write_zip(krita.files(), folder / "plugin.zip")
    return editor.run(
        "styles",
        picture=str(folder / "my_brushes.jpg"),
        broken=str(folder / "broken.png"),
        zip=str(folder / "plugin.zip"),
    )


def test_a_layer_dragged_with_the_mouse_from_kritas_list_becomes_a_style(results: Any) -> None:
    assert results["dropped_layer"]


def test_a_dropped_picture_is_a_style(results: Any) -> None:
    assert results["dropped"]
    assert results["in_sight"]
    assert results["by_file"] == ["Background", "Gramarye my brushes, strength 50"]


def test_a_dropped_file_that_is_no_picture_is_reported(results: Any) -> None:
    assert "broken.png cannot be read as a picture" in results["broken"]


def test_a_layer_is_a_style(results: Any) -> None:
    assert {"Background", "brushwork"} <= set(results["layers"])
    assert "Gramarye brushwork, strength 50" in results["by_layer"]


def test_a_document_is_a_style_while_it_is_open(results: Any) -> None:
    assert "a study" in results["documents"]
    assert results["by_document"] == ["Gramarye a study, strength 50"]
    assert "no longer there" in results["style_gone"]


def test_a_16_bit_document_shows_previews_and_gets_one_undo_step(results: Any) -> None:
    was_previewed, layers, depth = results["deep"]
    assert was_previewed
    assert layers == ["Background", "Gramarye waves, strength 50"]
    assert depth == "U16"
    assert results["deep_steps"] == 1
    assert results["deep_cancelled"] == [["Background"], 0]


def test_a_saved_document_can_be_painted_again_identically(results: Any) -> None:
    layers, is_same = results["again"]
    assert layers == ["Background", *["Gramarye my brushes, strength 70"] * 2]
    assert is_same
    assert "was not painted by Gramarye" in results["no_note"]


def test_kritas_plugin_importer_accepts_the_archive(results: Any) -> None:
    assert results["imported"] == ["gramarye_krita"]
    assert results["imported_files"] == ["actions", "pykrita", "gramarye_krita", "gramarye_krita.desktop"]


def test_repeating_has_a_shortcut_that_krita_does_not_use(results: Any, editor: Editor) -> None:
    assert results["shortcut"] == "Ctrl+Alt+Shift+G"
    assert results["same_shortcut"] == []
    used = set()
    for folder in ("actions", "shortcuts"):  # the defaults, and the schemes to choose from
        for file in ((editor.chroot or Path("/")) / "usr/share/krita" / folder).iterdir():
            found = re.findall(r"(?:<shortcut>|=)([^<\n]*)", file.read_text(encoding="utf-8"))
            used |= {frozenset(keys.strip().lower().split("+")) for line in found for keys in line.split(";")}
    assert frozenset(("ctrl", "alt", "g")) in used, "Quick Ungroup"
    assert frozenset(("ctrl", "alt", "shift", "g")) not in used


def test_many_styles_can_be_searched_by_name(results: Any) -> None:
    assert results["search_shown"] == [False, True]
    assert results["found"] == ["waves", "oils 4"], "the chosen one stays in sight"
    assert results["all_again"]
