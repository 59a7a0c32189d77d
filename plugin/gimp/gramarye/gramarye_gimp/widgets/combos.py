"""A combo box of words that keeps within its column."""

from __future__ import annotations

from typing import Any

from gi.repository import Gtk, Pango

_CHARACTERS = 14
"""The least width."""


def combo(**properties: Any) -> Any:
    """Empty; what is too long for it ends in an ellipsis."""
    made = Gtk.ComboBoxText(hexpand=True, **properties)
    for cell in made.get_cells():
        cell.set_property("ellipsize", Pango.EllipsizeMode.END)
        cell.set_property("width-chars", _CHARACTERS)
    return made
