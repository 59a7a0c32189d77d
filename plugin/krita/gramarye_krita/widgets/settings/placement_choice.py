"""Form row for where the painting goes: a new layer, or in place of the layer's pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable

from ...document.placement.insertion import ABOVE_ACTIVE, ABOVE_SOURCE, MASKED, REPLACE
from ...qt import QFormLayout
from ...stored_settings import Settings
from ...translations import tr
from ..common.combos import narrow_combo


class PlacementChoice:
    """A form row. ``changed`` is called with the new settings after a change by the user."""

    def __init__(self, changed: Callable[[Settings], None]) -> None:
        self._changed = changed
        self._settings = Settings()
        self._combo = narrow_combo("gramarye_placement")
        for value, text in (
            (ABOVE_SOURCE, tr("new layer, above its paintings")),
            (ABOVE_ACTIVE, tr("new layer, directly above it")),
            (MASKED, tr("new layer with a mask")),
            (REPLACE, tr("in place of the layer")),
        ):
            self._combo.addItem(text, value)
        self._combo.activated.connect(
            lambda _: self._changed(replace(self._settings, placement=self._combo.currentData()))
        )

    def add_to(self, form: QFormLayout) -> None:
        """Add the row to a form."""
        form.addRow(tr("Result"), self._combo)

    def show_settings(self, settings: Settings) -> None:
        """Show the settings."""
        self._settings = settings
        self._combo.setCurrentIndex(max(0, self._combo.findData(settings.placement)))
