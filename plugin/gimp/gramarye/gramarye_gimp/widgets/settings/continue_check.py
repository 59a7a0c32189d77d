"""Check box: continue from the layer's last painting. Shown only if there is one; checked by default."""

from __future__ import annotations

from typing import Any

from gi.repository import Gtk

from gramarye_plugin.labels import CONTINUE_LAST, CONTINUE_LAST_HELP

from ...document.last_job import CONTINUE_FROM_LAST, START_FRESH, last_job
from ...translations import tr

_ARGUMENT = "continues"


class ContinueCheckBox:
    """The check box ``widget``."""

    def __init__(self, config: Any, layer: Any) -> None:
        self._config = config
        self._has_last_job = bool(last_job(layer))
        self.widget = Gtk.CheckButton(
            label=tr(CONTINUE_LAST), tooltip_text=tr(CONTINUE_LAST_HELP), no_show_all=True, visible=self._has_last_job
        )
        self._sync_from_config()
        config.connect(f"notify::{_ARGUMENT}", lambda *_: self._sync_from_config())  # Reset and Load saved settings

    def set_layer(self, layer: Any) -> None:
        """Show the box for another layer to paint."""
        self._has_last_job = bool(last_job(layer))
        self.widget.set_visible(self._has_last_job)

    def enable(self) -> None:
        """Check the box; call this when the layer has got a last job."""
        self._has_last_job = True
        self.widget.set_active(True)

    def save(self) -> None:
        """Store the state of the box in the argument ``continues``, if the layer has a last job."""
        if self._has_last_job:
            self._config.set_property(_ARGUMENT, CONTINUE_FROM_LAST if self.widget.get_active() else START_FRESH)

    def _sync_from_config(self) -> None:
        self.widget.set_active(self._config.get_property(_ARGUMENT) != START_FRESH)
