"""A combo box with entries from the daemon, bound to an argument of the procedure."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

from ..combos import make_combo

Entry = Tuple[str, str]
"""The argument's value and its text."""


class Choice:
    """The combo box ``widget``, empty until `fill` is called.

    If the argument has a value that is not among the entries, the value becomes an entry if ``keeps_unknown``;
    otherwise the first entry is selected, and the argument changes.
    """

    def __init__(self, config: Any, argument: str, keeps_unknown: bool = False) -> None:
        self._config = config
        self._argument = argument
        self._keeps_unknown = keeps_unknown
        self._is_filling = False
        self.widget = make_combo(no_show_all=True)
        self.widget.connect("changed", self._selection_changed)
        config.connect(f"notify::{argument}", lambda *_: self._sync_from_config())  # Reset and Load saved settings

    def fill(self, entries: Sequence[Entry], help: str) -> None:
        """Set the entries, and select the argument's value."""
        self.widget.set_tooltip_text(help)
        self._is_filling = True
        self.widget.remove_all()
        for value, text in entries:
            self.widget.append(value, text)
        self._is_filling = False
        self._sync_from_config()

    def set_visible(self, is_wanted: bool) -> bool:
        """Show it if ``is_wanted`` and there is more than one entry; return whether it is shown."""
        is_shown = is_wanted and len(self.widget.get_model()) > 1
        self.widget.set_visible(is_shown)
        return is_shown

    def _sync_from_config(self) -> None:
        value = self._config.get_property(self._argument) or ""
        if self.widget.set_active_id(value):
            return
        is_filled = len(self.widget.get_model()) > 0
        if self._keeps_unknown and is_filled:
            self.widget.append(value, value)
            self.widget.set_active_id(value)
        else:
            self.widget.set_active(0)

    def _selection_changed(self, widget: Any) -> None:
        value = widget.get_active_id()
        if not self._is_filling and value is not None and value != self._config.get_property(self._argument):
            self._config.set_property(self._argument, value)
