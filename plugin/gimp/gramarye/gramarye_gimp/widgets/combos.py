"""A combo box of words that keeps within its column."""

from __future__ import annotations

from typing import Any

from gi.repository import Gtk, Pango

_MIN_CHARACTERS = 14
"""The least width."""


def make_combo(**properties: Any) -> Any:
    """Empty; what is too long for it ends in an ellipsis."""
    combo_box = Gtk.ComboBoxText(hexpand=True, **properties)
    for cell in combo_box.get_cells():
        cell.set_property("ellipsize", Pango.EllipsizeMode.END)
        cell.set_property("width-chars", _MIN_CHARACTERS)
    return combo_box
