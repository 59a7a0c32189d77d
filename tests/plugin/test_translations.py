"""Translations: each text of the editors' plugins has one, and so has each refusal that an editor shows."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from gramarye_plugin import choices, labels, network_choices, options
from gramarye_plugin.status_text import HelpAction
from gramarye_plugin.translations import FOLDER, Catalogue, load_catalogue
from gramarye_plugin.variations import SLIDERS

PLUGIN = Path(__file__).parents[2] / "plugin"
EDITORS = (PLUGIN / "krita" / "gramarye_krita", PLUGIN / "gimp" / "gramarye" / "gramarye_gimp")
BACKEND = Path(__file__).parents[2] / "backend" / "gramarye"
CATALOGUES = sorted(Path(FOLDER).glob("*.json"))
DAEMON_REFUSALS = ("daemon/submission.py", "engine/paint.py", "pixels/icc_transform.py", "pixels/layer.py")
"""Where the daemon refuses what artists most often do wrong; its other refusals may stay English."""


def _editor_files() -> list[Path]:
    return [path for folder in EDITORS for path in folder.rglob("*.py")]


def _texts(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call.args[0]) if call.args else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip():
            yield node.value


def _translated() -> Iterator[str]:
    """Yield the texts to translate: the literals given to ``tr``, and all labels."""
    for path in [
        *_editor_files(),
        *(PLUGIN / "gramarye_plugin" / name for name in ("status_text.py", "backend_setup.py")),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "SetupStep"):
                yield from _texts(node)
    yield from (*choices.LABELS.values(), *options.LABELS.values(), *(text for _, text in options.YES_NO))
    yield from (network_choices.FULL, network_choices.QUICK, network_choices.NONE_INSTALLED)
    for words in choices.CHOICE_LABELS.values():
        yield from words.values()
    for slider in SLIDERS.values():
        for what in (slider.less_label, slider.more_label):
            yield from (what, f"a little {what}")
    yield from _labels()
    yield from (help.value for help in HelpAction if help.value)


def _labels() -> Iterator[str]:
    """Yield the shared labels that the editors' plugins import."""
    for path in _editor_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "gramarye_plugin.labels":
                yield from (getattr(labels, name.name) for name in node.names)


def _refusals() -> Iterator[str]:
    """Yield the sentences of refusals, with a number in place of each value."""
    shared = [path for path in (PLUGIN / "gramarye_plugin").glob("*.py") if path.name != "session.py"]
    for path in [*_editor_files(), *shared, *(BACKEND / name for name in DAEMON_REFUSALS)]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _makes_refusal(node.func.id):
                yield from filter(None, map(_sentence, node.args[1:]))
            elif isinstance(node, ast.Assign) and _assigned(node) in ("message", "hint", "sentence"):
                yield from filter(None, [_sentence(node.value)])


def _assigned(node: ast.Assign) -> str:
    """The name of the variable or attribute that is assigned to."""
    target = node.targets[0]
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _makes_refusal(name: str) -> bool:
    return name in ("Refused", "InputError", "DeviceError", "JobError", "paint_error", "_kept_painting_error")


def _sentence(node: ast.expr) -> str:
    """The text of a literal or an f-string; empty for other expressions, and for what is a value alone."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    literals = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
    if not any(" " in literal for literal in literals):
        return ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_text_is_translated_with_its_values(path: Path) -> None:
    catalogue = json.loads(path.read_text(encoding="utf-8"))
    assert sorted(set(_translated()) - set(catalogue)) == []
    for text, translation in catalogue.items():
        assert _values(text) == _values(translation), text


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_refusal_is_translated(path: Path) -> None:
    catalogue = Catalogue(json.loads(path.read_text(encoding="utf-8")))
    assert sorted({text for text in _refusals() if catalogue.translate(text) == text}) == []


def test_the_languages_are_german_and_traditional_chinese() -> None:
    assert [path.stem for path in CATALOGUES] == ["de", "zh_TW"]


@pytest.mark.parametrize(
    ("locales", "expected"),
    [
        (["de_AT.UTF-8", "C"], "Abbrechen"),
        (["zh_TW"], "取消"),
        (["zh-HK"], "取消"),
        (["zh_CN", "de"], "Abbrechen"),
        (["en_GB", "de_DE"], "Cancel"),
        (["fr_FR"], "Cancel"),
        (["C"], "Cancel"),
    ],
)
def test_the_first_known_language_is_taken(locales: list[str], expected: str) -> None:
    assert load_catalogue(locales).translate("Cancel") == expected


def test_the_values_of_a_finished_sentence_are_moved_into_its_translation() -> None:
    catalogue = Catalogue({"{a} of {b}.": "{b}: {a}.", "The {a} of {b}.": "{b}, {a}!", "Plain.": "Schlicht."})
    assert catalogue.translate("One of (two).") == "(two): One."
    assert catalogue.translate("The one of two.") == "two, one!"  # the more specific template
    assert catalogue.translate("Plain.") == "Schlicht."
    assert catalogue.translate("Plain. of two.") == "two: Schlicht.."
    assert catalogue.translate("Something else") == "Something else"
