"""Every further value of the recipe, folded away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, Optional

from gramarye_plugin.labels import BACK_TO_THE_RECIPE, MORE
from gramarye_plugin.options import ELSEWHERE, options
from gramarye_protocol.messages import Welcome

from ..qt import QFormLayout, QPushButton, QVBoxLayout, QWidget
from ..stored_settings import Settings
from ..translations import tr
from .collapsible_section import Section
from .recipe_field import Field, field_of


class More(Section):
    """``changed`` is told the settings that the artist has made of those shown."""

    def __init__(self, changed: Callable[[Settings], None]) -> None:
        body = QWidget()
        self._changed = changed
        self._settings = Settings()
        self._welcome: Optional[Welcome] = None
        self._fields: Dict[str, Field] = {}
        self._back = QPushButton(tr(BACK_TO_THE_RECIPE))
        self._back.setObjectName("gramarye_more_back")
        self._back.clicked.connect(lambda: self._empty())
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._back)
        column.addLayout(self._form)
        super().__init__("gramarye_more", tr(MORE), body)

    @property
    def complaint(self) -> str:
        """What is wrong with what was written, in words; empty for nothing."""
        return next((words for words in (field.complain() for field in self._fields.values()) if words), "")

    def offer(self, welcome: Welcome) -> None:
        """What this daemon has."""
        self._welcome = welcome
        while self._form.rowCount():
            self._form.removeRow(0)
        self._fields = {option.name: field_of(option, self._read) for option in options(welcome)}
        for field in self._fields.values():
            self._form.addRow(tr(field.option.label), field.widget)
        self.show_settings(self._settings)

    def show_settings(self, settings: Settings) -> None:
        """Put every field where the settings have it, beside the values of the recipe that is chosen."""
        self._settings = settings
        welcome, wishes = self._welcome, settings.wishes
        if welcome is None:
            return
        known = welcome.presets.get(wishes.preset) or welcome.presets[welcome.default_preset]
        for name, field in self._fields.items():
            field.show(wishes.recipe.get(name), known["recipe"].get(name))
        changed = sum(name in self._fields for name in wishes.recipe)
        self.count(changed)
        self._back.setEnabled(bool(changed or self.complaint))

    def _read(self) -> None:
        """The artist has set something."""
        values = {name: field.read() for name, field in self._fields.items()}
        changed = {name: value for name, value in values.items() if value is not None}
        others = {name: value for name, value in self._settings.wishes.recipe.items() if name not in self._fields}
        self._tell({**others, **changed})

    def _empty(self) -> None:
        """Nothing but what other controls set."""
        for field in self._fields.values():
            field.clear()
        self._tell({name: value for name, value in self._settings.wishes.recipe.items() if name in ELSEWHERE})

    def _tell(self, recipe: Dict[str, Any]) -> None:
        settings = replace(self._settings, wishes=replace(self._settings.wishes, recipe=recipe))
        self._back.setEnabled(True)
        self._changed(settings)
        self.show_settings(settings)
