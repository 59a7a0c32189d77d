"""Combo boxes that fit into a column."""

from __future__ import annotations

from typing import Any

from gi.repository import Gtk, Pango

_MIN_CHARACTERS = 14
"""Least width, in characters."""


def make_combo(**properties: Any) -> Any:
    """Return an empty text combo box that ellipsizes long entries."""
    combo_box = Gtk.ComboBoxText(hexpand=True, **properties)
    for cell in combo_box.get_cells():
        cell.set_property("ellipsize", Pango.EllipsizeMode.END)
        cell.set_property("width-chars", _MIN_CHARACTERS)
    return combo_box
