"""Translations: one catalogue for both editors; the source language is English.

``lang/xx.json`` maps English texts to their translations into the language ``xx``. Texts with values in braces are
templates. A finished sentence, such as a refusal by the daemon, is translated by the template that it matches.
"""

from __future__ import annotations

import json
import os
import re
import string
from typing import Dict, Iterable, List, Optional, Pattern, Tuple

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lang")

TRADITIONAL_CHINESE = "zh_TW"
ALIASES = {"zh_HK": TRADITIONAL_CHINESE, "zh_MO": TRADITIONAL_CHINESE, "zh_Hant": TRADITIONAL_CHINESE}
"""Locales that read the catalogue of another."""


class Catalogue:
    """The translations of one language; empty for English."""

    def __init__(self, texts: Dict[str, str]) -> None:
        self._texts = texts
        templates = sorted((text for text in texts if _has_values(text)), key=_literal_length, reverse=True)
        self._templates: List[Tuple[Pattern[str], str]] = [(_pattern(text), texts[text]) for text in templates]

    def translate(self, text: str) -> str:
        """Return the translation of a text, a template or a finished sentence; ``text`` itself if there is none.

        Of the templates that a sentence matches, that with the longest fixed text is taken. Values that have a
        translation, such as labels, are translated as well.
        """
        if text in self._texts:
            return self._texts[text]
        for pattern, translation in self._templates:
            found = pattern.fullmatch(text)
            if found is not None:
                values = {name: self._texts.get(value, value) for name, value in found.groupdict().items()}
                return translation.format(**values)
        return text


def load_catalogue(locales: Iterable[str]) -> Catalogue:
    """Return the catalogue of the first locale, such as "de_AT" or "zh_TW.UTF-8", that is English or has one."""
    for name in locales:
        locale = name.split(".")[0].split("@")[0].replace("-", "_")
        language = locale.split("_")[0]
        if language in ("en", "C", "POSIX"):
            break
        for candidate in (ALIASES.get(locale, locale), language):
            texts = _read(candidate)
            if texts is not None:
                return Catalogue(texts)
    return Catalogue({})


def _read(name: str) -> Optional[Dict[str, str]]:
    try:
        with open(os.path.join(FOLDER, f"{name}.json"), encoding="utf-8") as file:
            texts: Dict[str, str] = json.load(file)
    except OSError:  # no translation
        return None
    return texts


def _pattern(template: str) -> Pattern[str]:
    """The finished sentences of ``template``, with its values as named groups."""
    parts = (
        re.escape(text) + (f"(?P<{name}>.+?)" if name else "")
        for text, name, _, _ in string.Formatter().parse(template)
    )
    return re.compile("".join(parts), re.DOTALL)


def _has_values(text: str) -> bool:
    return any(name for _, name, _, _ in string.Formatter().parse(text))


def _literal_length(template: str) -> int:
    return sum(len(text) for text, _, _, _ in string.Formatter().parse(template))
