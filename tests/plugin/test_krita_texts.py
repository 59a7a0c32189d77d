"""Krita's texts: each one is translated, with the same placeholders."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from gramarye_plugin import choices, labels, network_choices, options
from gramarye_plugin.status_text import HelpAction
from gramarye_plugin.variations import SLIDERS

PLUGIN = Path(__file__).parents[2] / "plugin"
KRITA = PLUGIN / "krita" / "gramarye_krita"
CATALOGUES = sorted((KRITA / "lang").glob("*.json"))


def _texts(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call.args[0]) if call.args else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip():
            yield node.value


def _translated() -> Iterator[str]:
    """Yield the texts to translate: the literals given to ``tr`` and ``StatusMessage``, and all labels."""
    for path in [*KRITA.rglob("*.py"), PLUGIN / "gramarye_plugin" / "status_text.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("tr", "StatusMessage")
            ):
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
    """Yield the shared labels that Krita's plugin imports."""
    for path in KRITA.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "gramarye_plugin.labels":
                yield from (getattr(labels, name.name) for name in node.names)


def _values(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_text_is_translated_with_its_values(path: Path) -> None:
    catalogue = json.loads(path.read_text(encoding="utf-8"))
    assert sorted(set(_translated()) - set(catalogue)) == []
    for text, translation in catalogue.items():
        assert _values(text) == _values(translation), text


def test_there_is_a_language_besides_english() -> None:
    assert CATALOGUES
