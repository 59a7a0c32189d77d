"""Field for one recipe value: a combo box, or an entry for a number or a list. Empty means the recipe's value."""

from __future__ import annotations

from typing import Any, Callable, List

from gi.repository import Gtk

from gramarye_plugin.labels import RECIPE_DEFAULT
from gramarye_plugin.options import CHOICE, Option, format_value

from ...translations import tr
from ..combos import make_combo

_ERROR_ICON = "dialog-warning-symbolic"


class Field:
    """A field. ``widget`` shows the value; ``changed`` is called when the user changes it."""

    widget: Any

    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        self.option = option
        self._changed = changed

    def show(self, value: Any, recipe_value: Any) -> None:
        """Show ``value``, or that it is the recipe's value ``recipe_value`` if None."""
        raise NotImplementedError

    def read(self) -> Any:
        """Return the value, None for the recipe's. Errors: ValueError with a sentence; the field is marked then."""
        raise NotImplementedError


def make_field(option: Option, changed: Callable[[], None]) -> Field:
    """Return a field for the option's kind."""
    return _ChoiceField(option, changed) if option.kind == CHOICE else _EntryField(option, changed)


class _ChoiceField(Field):
    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        super().__init__(option, changed)
        self._values: List[Any] = [None, *(value for value, _ in option.values)]
        self.widget = make_combo()
        for text in (RECIPE_DEFAULT, *(words for _, words in option.values)):
            self.widget.append_text(tr(text))
        self.widget.connect("changed", lambda *_: self._changed())

    def show(self, value: Any, recipe_value: Any) -> None:
        words = dict(self.option.values)
        of_recipe = tr("The recipe has: {value}").format(value=tr(str(words.get(recipe_value, recipe_value))))
        self.widget.set_tooltip_text(f"{self.option.help}\n{of_recipe}")
        self.widget.set_active(self._values.index(value) if value in self._values else 0)

    def read(self) -> Any:
        return self._values[max(0, self.widget.get_active())]


class _EntryField(Field):
    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        super().__init__(option, changed)
        self.widget = Gtk.Entry(hexpand=True, width_chars=8)
        self.widget.connect("changed", lambda *_: self._changed())

    def show(self, value: Any, recipe_value: Any) -> None:
        self.widget.set_tooltip_text(self.option.help)
        self.widget.set_placeholder_text(format_value(recipe_value))
        self.widget.set_text("" if value is None else format_value(value))
        self._show_error("")

    def read(self) -> Any:
        try:
            value = self.option.read(self.widget.get_text())
        except ValueError as error:
            self._show_error(tr(str(error)))
            raise
        self._show_error("")
        return value

    def _show_error(self, error_text: str) -> None:
        place = Gtk.EntryIconPosition.SECONDARY
        self.widget.set_icon_from_icon_name(place, _ERROR_ICON if error_text else None)
        if error_text:
            self.widget.set_icon_tooltip_text(place, error_text)
        style = self.widget.get_style_context()
        (style.add_class if error_text else style.remove_class)("error")
