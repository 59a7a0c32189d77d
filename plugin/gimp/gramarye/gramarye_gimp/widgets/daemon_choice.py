"""A combo box with entries from the daemon, bound to an argument of the procedure."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

from .combos import make_combo

Entry = Tuple[str, str]
"""The argument's value and its text."""


class Choice:
    """The combo box ``widget``, empty until `fill` is called."""

    def __init__(self, config: Any, argument: str) -> None:
        self._config = config
        self._argument = argument
        self._is_filling = False
        self._has_options = False
        self.widget = make_combo(no_show_all=True)
        self.widget.connect("changed", self._selection_changed)
        config.connect(f"notify::{argument}", lambda *_: self._sync_from_config())  # Reset and Load saved settings

    def fill(self, entries: Sequence[Entry], help: str) -> None:
        """Set the entries. The first is selected if the argument's value is not among them."""
        self.widget.set_tooltip_text(help)
        self._is_filling = True
        self.widget.remove_all()
        for value, text in entries:
            self.widget.append(value, text)
        self._is_filling = False
        self._sync_from_config()
        self._has_options = len(entries) > 1

    def set_visible(self, is_wanted: bool) -> bool:
        """Show it if ``is_wanted`` and there is more than one entry; return whether it is shown."""
        is_shown = is_wanted and self._has_options
        self.widget.set_visible(is_shown)
        return is_shown

    def _sync_from_config(self) -> None:
        if not self.widget.set_active_id(self._config.get_property(self._argument) or ""):
            self.widget.set_active(0)

    def _selection_changed(self, widget: Any) -> None:
        value = widget.get_active_id()
        if not self._is_filling and value is not None and value != self._config.get_property(self._argument):
            self._config.set_property(self._argument, value)
