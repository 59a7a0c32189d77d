"""Whether to go on from the layer's last painting; asked where there is one, and on unless it is turned off."""

from __future__ import annotations

from typing import Any

from gi.repository import Gtk

from gramarye_plugin.labels import CONTINUE_LAST, CONTINUE_LAST_HELP

from ..document.last_job import CONTINUE_FROM_LAST, START_FRESH, last_job

_ARGUMENT = "continues"


class ContinueCheckBox:
    """``widget`` is a box to tick."""

    def __init__(self, config: Any, layer: Any) -> None:
        self._config = config
        self._has_last_job = bool(last_job(layer))
        self.widget = Gtk.CheckButton(
            label=CONTINUE_LAST, tooltip_text=CONTINUE_LAST_HELP, no_show_all=True, visible=self._has_last_job
        )
        self._sync_from_config()
        config.connect(f"notify::{_ARGUMENT}", lambda *_: self._sync_from_config())  # Reset and Load saved settings

    def enable(self) -> None:
        """There is a painting to go on from now, and it is to be."""
        self._has_last_job = True
        self.widget.set_active(True)

    def save(self) -> None:
        """Write down what is ticked."""
        if self._has_last_job:
            self._config.set_property(_ARGUMENT, CONTINUE_FROM_LAST if self.widget.get_active() else START_FRESH)

    def _sync_from_config(self) -> None:
        self.widget.set_active(self._config.get_property(_ARGUMENT) != START_FRESH)
