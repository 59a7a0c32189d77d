"""Every further value of the recipe, which together are the procedure's argument ``recipe``."""

from __future__ import annotations

from typing import Any, Dict, List

from gi.repository import Gtk

from gramarye_plugin.labels import MORE_SETTINGS, RESET_TO_RECIPE
from gramarye_plugin.options import options
from gramarye_protocol.messages import Welcome

from ..failures import Trouble
from ..json_arguments import read_recipe, written_recipe
from .recipe_field import Field, field
from .scrolling_column import leave_the_wheel


class More:
    """``widget`` opens to a row for each; ``problem`` says what of it cannot be sent, empty where all can."""

    def __init__(self, config: Any) -> None:
        self._config = config
        self._fields: List[Field] = []
        self._preset: Dict[str, Any] = {}
        self._welcome: Any = None
        self._is_showing = False
        self.problem = ""
        self._grid = Gtk.Grid(row_spacing=6, column_spacing=6, margin_top=8)
        self._back = Gtk.Button(label=RESET_TO_RECIPE, halign=Gtk.Align.END, sensitive=False)
        self._back.connect("clicked", lambda *_: self._forget())
        self.widget = Gtk.Expander(label=MORE_SETTINGS)
        self.widget.add(self._grid)
        config.connect("notify::recipe", lambda *_: self._show())  # Reset and Load saved settings
        config.connect("notify::preset", lambda *_: self._show())

    def fill(self, welcome: Welcome) -> None:
        """Offer what this daemon has."""
        self._welcome = welcome
        for child in self._grid.get_children():
            self._grid.remove(child)
        self._fields = [field(option, self._changed) for option in options(welcome)]
        for row, one in enumerate(self._fields):
            label = Gtk.Label(label=one.option.label, xalign=0.0, tooltip_text=one.option.help)
            self._grid.attach(label, 0, row, 1, 1)
            self._grid.attach(one.widget, 1, row, 1, 1)
        self._grid.attach(self._back, 0, len(self._fields), 2, 1)
        self._grid.show_all()
        leave_the_wheel(self._grid)
        self._show()

    def _show(self) -> None:
        """Put every field where the arguments have it."""
        if self._is_showing or self._welcome is None:
            return
        self._is_showing, self.problem = True, ""
        presets, chosen = self._welcome.presets, self._config.get_property("preset")
        preset = presets.get(chosen or "", presets[self._welcome.default_preset])["recipe"]
        values = self._values()
        for one in self._fields:
            one.show(values.get(one.option.name), preset[one.option.name])
        self._is_showing = False
        self._allow_back(values)

    def _values(self) -> Dict[str, Any]:
        try:
            return read_recipe(self._config.get_property("recipe") or "")
        except Trouble as error:  # a script's text, loaded with saved settings
            self.problem = str(error)
            return {}

    def _changed(self) -> None:
        """The user has changed a field: send what can be, say what cannot."""
        if self._is_showing:
            return
        self.problem = ""
        mine = {one.option.name for one in self._fields}
        values = {name: value for name, value in self._values().items() if name not in mine}
        for one in self._fields:
            try:
                value = one.read()
            except ValueError as error:
                self.problem = self.problem or str(error)
                continue
            if value is not None:
                values[one.option.name] = value
        self._write(values)

    def _forget(self) -> None:
        mine = {one.option.name for one in self._fields}
        self._write({name: value for name, value in self._values().items() if name not in mine})
        self._show()

    def _write(self, values: Dict[str, Any]) -> None:
        self._is_showing = True
        self._config.set_property("recipe", written_recipe(values))
        self._is_showing = False
        self._allow_back(values)

    def _allow_back(self, values: Dict[str, Any]) -> None:
        changed = any(one.option.name in values for one in self._fields)
        self._back.set_sensitive(changed or bool(self.problem))
