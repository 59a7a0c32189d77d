"""Combo box to choose a style: one that the daemon knows, or a picture file."""

from __future__ import annotations

import os
from typing import Any, Callable, Sequence, Tuple

from gi.repository import Gtk

from gramarye_plugin.labels import FROM_FILE
from gramarye_protocol.messages import StyleEntry

from ...translations import tr
from ..combos import make_combo

_FILE = "file:"
"""Id of the entry that opens a file chooser; not a valid style name."""


class StylePicker:
    """The combo box ``widget``; ``chosen`` is a style's name or a picture's path, as in the arguments.

    ``changed`` is called when ``chosen`` changes. ``leading_entries``, (value, text), come before the styles.
    """

    def __init__(
        self, chosen: str, changed: Callable[[], None], leading_entries: Sequence[Tuple[str, str]] = ()
    ) -> None:
        self.chosen = chosen
        self._changed = changed
        self._leading_entries = leading_entries
        self._styles: Sequence[StyleEntry] = ()
        self._is_filling = False
        self.widget = make_combo()
        self.widget.connect("changed", lambda *_: self._selection_changed())

    def fill(self, styles: Sequence[StyleEntry]) -> None:
        """Set the styles to choose from. The choice is kept; if it was empty, the first entry is chosen."""
        self._styles = styles
        known = [*self._leading_entries, *((style.name, style.title) for style in styles)]
        if self.chosen and self.chosen not in dict(known):
            known.append((self.chosen, os.path.basename(self.chosen)))
        self._is_filling = True
        self.widget.remove_all()
        for value, text in (*known, (_FILE, tr(FROM_FILE))):
            self.widget.append(value, text)
        if not self.widget.set_active_id(self.chosen):
            self.widget.set_active(0)
        self._is_filling = False
        self._set_chosen(self.widget.get_active_id())

    def choose(self, value: str) -> None:
        """Select ``value``."""
        if value != self.chosen:
            self.chosen = value
            self.fill(self._styles)

    def _selection_changed(self) -> None:
        if self._is_filling:
            return
        value = self.widget.get_active_id()
        if value == _FILE:
            self._set_chosen(_ask_for_file(self.widget.get_toplevel()) or self.chosen)
            self.fill(self._styles)
        else:
            self._set_chosen(value)

    def _set_chosen(self, value: str) -> None:
        if value not in (self.chosen, _FILE):
            self.chosen = value
            self._changed()


def _ask_for_file(window: Any) -> str:
    """Return the path of the chosen picture; empty if the user cancels."""
    chooser = Gtk.FileChooserDialog(title=tr("A picture as style"), transient_for=window, modal=True)
    chooser.add_buttons(tr("_Cancel"), Gtk.ResponseType.CANCEL, tr("_Open"), Gtk.ResponseType.OK)
    chooser.set_default_response(Gtk.ResponseType.OK)
    path = chooser.get_filename() if chooser.run() == Gtk.ResponseType.OK else ""
    chooser.destroy()
    return path or ""
