"""Translations: ``lang/xx.json`` maps each English text to its translation into language ``xx``."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Dict

from .qt import QLocale


@lru_cache(maxsize=1)
def _catalogue() -> Dict[str, str]:
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lang")
    language = QLocale().name().split("_")[0]
    try:
        with open(os.path.join(folder, f"{language}.json"), encoding="utf-8") as file:
            catalogue: Dict[str, str] = json.load(file)
    except OSError:  # English, or a language without a translation
        return {}
    return catalogue


def tr(text: str) -> str:
    """Return the translation of ``text``, or ``text`` itself. Insert values afterwards, with ``format``."""
    return _catalogue().get(text, text)
