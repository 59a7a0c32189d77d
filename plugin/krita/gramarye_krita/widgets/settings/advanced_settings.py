"""The section "For experts": all other values of the recipe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, Optional

from gramarye_plugin.labels import MORE_SETTINGS, RESET_TO_RECIPE
from gramarye_plugin.options import SET_BY_OTHER_CONTROLS, options
from gramarye_protocol.messages import Welcome

from ...qt import QFormLayout, QPushButton, QVBoxLayout, QWidget
from ...stored_settings import Settings
from ...translations import tr
from ..common.collapsible_section import CollapsibleSection
from .recipe_field import Field, make_field


class MoreSettings(CollapsibleSection):
    """Fields for the recipe's other values. ``changed`` is called with the new settings after a change by the user."""

    def __init__(self, changed: Callable[[Settings], None]) -> None:
        body = QWidget()
        self._changed = changed
        self._settings = Settings()
        self._welcome: Optional[Welcome] = None
        self._fields: Dict[str, Field] = {}
        self._reset_button = QPushButton(tr(RESET_TO_RECIPE))
        self._reset_button.setObjectName("gramarye_more_back")
        self._reset_button.clicked.connect(lambda: self._reset())
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._reset_button)
        column.addLayout(self._form)
        super().__init__("gramarye_more", tr(MORE_SETTINGS), body)

    @property
    def validation_error(self) -> str:
        """The error sentence of the first invalid field; empty if all are valid."""
        return next((error for error in (field.validate() for field in self._fields.values()) if error), "")

    def set_options(self, welcome: Welcome) -> None:
        """Create the fields from this daemon's schema."""
        self._welcome = welcome
        while self._form.rowCount():
            self._form.removeRow(0)
        self._fields = {option.name: make_field(option, self._read) for option in options(welcome)}
        for field in self._fields.values():
            self._form.addRow(tr(field.option.label), field.widget)
        self.show_settings(self._settings)

    def show_settings(self, settings: Settings) -> None:
        """Show the settings; empty fields show the chosen recipe's values as placeholders."""
        self._settings = settings
        welcome, paint_settings = self._welcome, settings.paint_settings
        if welcome is None:
            return
        known = welcome.presets.get(paint_settings.preset) or welcome.presets[welcome.default_preset]
        for name, field in self._fields.items():
            field.show(paint_settings.recipe.get(name), known["recipe"].get(name))
        changed = sum(name in self._fields for name in paint_settings.recipe)
        self.set_count(changed)
        self._reset_button.setEnabled(bool(changed or self.validation_error))

    def _read(self) -> None:
        """Report a change by the user."""
        values = {name: field.read() for name, field in self._fields.items()}
        changed = {name: value for name, value in values.items() if value is not None}
        others = {
            name: value for name, value in self._settings.paint_settings.recipe.items() if name not in self._fields
        }
        self._apply_recipe({**others, **changed})

    def _reset(self) -> None:
        """Remove all values except those set by other controls."""
        for field in self._fields.values():
            field.clear()
        self._apply_recipe(
            {
                name: value
                for name, value in self._settings.paint_settings.recipe.items()
                if name in SET_BY_OTHER_CONTROLS
            }
        )

    def _apply_recipe(self, recipe: Dict[str, Any]) -> None:
        settings = replace(self._settings, paint_settings=replace(self._settings.paint_settings, recipe=recipe))
        self._reset_button.setEnabled(True)
        self._changed(settings)
        self.show_settings(settings)
