"""Texts in GIMP's language."""

from __future__ import annotations

from functools import lru_cache

from gi.repository import GLib

from gramarye_plugin.translations import Catalogue, load_catalogue


@lru_cache(maxsize=1)
def _catalogue() -> Catalogue:
    return load_catalogue(GLib.get_language_names())


def tr(text: str) -> str:
    """Return the translation of ``text``, or ``text`` itself. Insert a template's values afterwards."""
    return _catalogue().translate(text)
