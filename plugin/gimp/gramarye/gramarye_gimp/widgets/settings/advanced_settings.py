"""Fields for the recipe's further values, which are stored in the argument ``recipe``."""

from __future__ import annotations

from typing import Any, Dict, List

from gi.repository import Gtk

from gramarye_plugin.labels import MORE_SETTINGS, RESET_TO_RECIPE
from gramarye_plugin.options import options
from gramarye_protocol.messages import Welcome

from ...failures import PaintError
from ...json_arguments import format_recipe, parse_recipe
from ...translations import tr
from ..scrolling_column import ignore_wheel
from .recipe_field import Field, make_field


class MoreSettings:
    """An expander, ``widget``, with a row for each value; ``validation_error`` is empty if all are valid."""

    def __init__(self, config: Any) -> None:
        self._config = config
        self._fields: List[Field] = []
        self._preset: Dict[str, Any] = {}
        self._welcome: Any = None
        self._is_showing = False
        self.validation_error = ""
        self._grid = Gtk.Grid(row_spacing=6, column_spacing=6, margin_top=8)
        self._reset_button = Gtk.Button(label=tr(RESET_TO_RECIPE), halign=Gtk.Align.END, sensitive=False)
        self._reset_button.connect("clicked", lambda *_: self._reset())
        self.widget = Gtk.Expander(label=tr(MORE_SETTINGS))
        self.widget.add(self._grid)
        config.connect("notify::recipe", lambda *_: self._sync_from_config())  # Reset and Load saved settings
        config.connect("notify::preset", lambda *_: self._sync_from_config())

    def fill(self, welcome: Welcome) -> None:
        """Create the fields for this daemon's recipe schema."""
        self._welcome = welcome
        for child in self._grid.get_children():
            self._grid.remove(child)
        self._fields = [make_field(option, self._field_changed) for option in options(welcome)]
        for row, field in enumerate(self._fields):
            label = Gtk.Label(label=tr(field.option.label), xalign=0.0, tooltip_text=field.option.help)
            self._grid.attach(label, 0, row, 1, 1)
            self._grid.attach(field.widget, 1, row, 1, 1)
        self._grid.attach(self._reset_button, 0, len(self._fields), 2, 1)
        self._grid.show_all()
        ignore_wheel(self._grid)
        self._sync_from_config()

    def _sync_from_config(self) -> None:
        """Show the arguments' values in the fields."""
        if self._is_showing or self._welcome is None:
            return
        self._is_showing, self.validation_error = True, ""
        presets, chosen = self._welcome.presets, self._config.get_property("preset")
        preset = presets.get(chosen or "", presets[self._welcome.default_preset])["recipe"]
        values = self._values()
        for field in self._fields:
            field.show(values.get(field.option.name), preset[field.option.name])
        self._is_showing = False
        self._update_reset_button(values)

    def _values(self) -> Dict[str, Any]:
        try:
            return parse_recipe(self._config.get_property("recipe") or "")
        except PaintError as error:  # invalid text from a script, loaded with saved settings
            self.validation_error = error.translated(tr)
            return {}

    def _field_changed(self) -> None:
        """Save the valid fields and set ``validation_error`` to the first error."""
        if self._is_showing:
            return
        self.validation_error = ""
        field_names = {field.option.name for field in self._fields}
        values = {name: value for name, value in self._values().items() if name not in field_names}
        for field in self._fields:
            try:
                value = field.read()
            except ValueError as error:
                self.validation_error = self.validation_error or tr(str(error))
                continue
            if value is not None:
                values[field.option.name] = value
        self._save(values)

    def _reset(self) -> None:
        field_names = {field.option.name for field in self._fields}
        self._save({name: value for name, value in self._values().items() if name not in field_names})
        self._sync_from_config()

    def _save(self, values: Dict[str, Any]) -> None:
        self._is_showing = True
        self._config.set_property("recipe", format_recipe(values))
        self._is_showing = False
        self._update_reset_button(values)

    def _update_reset_button(self, values: Dict[str, Any]) -> None:
        changed = any(field.option.name in values for field in self._fields)
        self._reset_button.set_sensitive(changed or bool(self.validation_error))
