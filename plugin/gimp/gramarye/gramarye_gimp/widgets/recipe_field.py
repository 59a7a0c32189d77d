"""One value of the recipe in the dialog: a choice, or an entry for a number or a list; empty as the recipe has it."""

from __future__ import annotations

from typing import Any, Callable, List

from gi.repository import Gtk

from gramarye_plugin.labels import RECIPE_DEFAULT
from gramarye_plugin.options import CHOICE, Option, format_value

from .combos import combo

_WRONG = "dialog-warning-symbolic"


class Field:
    """``widget`` shows a value; ``changed`` is called when the user has changed it."""

    widget: Any

    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        self.option = option
        self._changed = changed

    def show(self, value: Any, of_recipe: Any) -> None:
        """``value``, None where it is as the recipe has it: ``of_recipe``."""
        raise NotImplementedError

    def read(self) -> Any:
        """The value; None for the recipe's. ValueError in words, and the field is marked."""
        raise NotImplementedError


def field(option: Option, changed: Callable[[], None]) -> Field:
    """The field that the option's kind asks for."""
    return _ChoiceField(option, changed) if option.kind == CHOICE else _EntryField(option, changed)


class _ChoiceField(Field):
    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        super().__init__(option, changed)
        self._values: List[Any] = [None, *(value for value, _ in option.values)]
        self.widget = combo()
        for text in (RECIPE_DEFAULT, *(words for _, words in option.values)):
            self.widget.append_text(text)
        self.widget.connect("changed", lambda *_: self._changed())

    def show(self, value: Any, of_recipe: Any) -> None:
        words = dict(self.option.values)
        self.widget.set_tooltip_text(f"{self.option.help}\nThe recipe has: {words.get(of_recipe, of_recipe)}")
        self.widget.set_active(self._values.index(value) if value in self._values else 0)

    def read(self) -> Any:
        return self._values[max(0, self.widget.get_active())]


class _EntryField(Field):
    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        super().__init__(option, changed)
        self.widget = Gtk.Entry(hexpand=True, width_chars=8)
        self.widget.connect("changed", lambda *_: self._changed())

    def show(self, value: Any, of_recipe: Any) -> None:
        self.widget.set_tooltip_text(self.option.help)
        self.widget.set_placeholder_text(format_value(of_recipe))
        self.widget.set_text("" if value is None else format_value(value))
        self._mark("")

    def read(self) -> Any:
        try:
            value = self.option.read(self.widget.get_text())
        except ValueError as error:
            self._mark(str(error))
            raise
        self._mark("")
        return value

    def _mark(self, wrong: str) -> None:
        place = Gtk.EntryIconPosition.SECONDARY
        self.widget.set_icon_from_icon_name(place, _WRONG if wrong else None)
        if wrong:
            self.widget.set_icon_tooltip_text(place, wrong)
        style = self.widget.get_style_context()
        (style.add_class if wrong else style.remove_class)("error")
