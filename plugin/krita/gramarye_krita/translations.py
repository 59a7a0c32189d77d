"""Texts in Krita's language."""

from __future__ import annotations

from functools import lru_cache

from gramarye_plugin.translations import Catalogue, load_catalogue

from .qt import QLocale


@lru_cache(maxsize=1)
def _catalogue() -> Catalogue:
    return load_catalogue([QLocale().name()])


def tr(text: str) -> str:
    """Return the translation of ``text``, or ``text`` itself. Insert a template's values afterwards."""
    return _catalogue().translate(text)
