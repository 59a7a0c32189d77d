"""Whether to go on from the layer's last painting; asked where there is one, and on unless it is turned off."""

from __future__ import annotations

from typing import Any

from gi.repository import Gtk

from gramarye_plugin.labels import CONTINUE_LAST, CONTINUE_LAST_HELP

from ..document.last_job import AFRESH, LAST, last_job

_ARGUMENT = "continues"


class GoOn:
    """``widget`` is a box to tick."""

    def __init__(self, config: Any, layer: Any) -> None:
        self._config = config
        self._has_last = bool(last_job(layer))
        self.widget = Gtk.CheckButton(
            label=CONTINUE_LAST, tooltip_text=CONTINUE_LAST_HELP, no_show_all=True, visible=self._has_last
        )
        self._show()
        config.connect(f"notify::{_ARGUMENT}", lambda *_: self._show())  # Reset and Load saved settings

    def begin(self) -> None:
        """There is a painting to go on from now, and it is to be."""
        self._has_last = True
        self.widget.set_active(True)

    def settle(self) -> None:
        """Write down what is ticked."""
        if self._has_last:
            self._config.set_property(_ARGUMENT, LAST if self.widget.get_active() else AFRESH)

    def _show(self) -> None:
        self.widget.set_active(self._config.get_property(_ARGUMENT) != AFRESH)
