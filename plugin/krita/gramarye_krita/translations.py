"""Texts in the artist's language: ``lang/xx.json`` maps the English sentence to its translation."""

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
    except OSError:  # English, or a language that nobody has translated yet
        return {}
    return catalogue


def tr(text: str) -> str:
    """The translation, or the text as it is. Values go in afterwards, by ``format``."""
    return _catalogue().get(text, text)
