"""A field for one recipe value: a combo box, or a text line for a number or a list; empty keeps the recipe's value."""

from __future__ import annotations

from typing import Any, Callable, Union

from gramarye_plugin.labels import RECIPE_DEFAULT
from gramarye_plugin.options import CHOICE, Option, format_value

from ...qt import QColor, QLabel, QLineEdit, QPalette, QVBoxLayout, QWidget
from ...translations import tr
from ..common.combos import narrow_combo

ERROR_ON_DARK, ERROR_ON_LIGHT = QColor(240, 120, 104), QColor(176, 32, 16)


class ChoiceField:
    """A combo box; its first entry keeps the recipe's value."""

    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        self.option = option
        self.widget = narrow_combo(f"gramarye_more_{option.name}")
        self.widget.addItem(tr(RECIPE_DEFAULT), None)
        for value, text in option.values:
            self.widget.addItem(tr(text), value)
        self.widget.currentIndexChanged.connect(lambda _: changed())

    def read(self) -> Any:
        """Return the value; None for the recipe's."""
        return self.widget.currentData()

    def show(self, value: Any, recipe_value: Any) -> None:
        """Show ``value``; None stands for the recipe's own, ``recipe_value``."""
        self.widget.blockSignals(True)
        values = [None, *(known for known, _ in self.option.values)]
        self.widget.setCurrentIndex(values.index(value) if value in values else 0)
        self.widget.blockSignals(False)
        text = next((text for known, text in self.option.values if known == recipe_value), format_value(recipe_value))
        self.widget.setToolTip(f"{self.option.help}\n{tr(RECIPE_DEFAULT)}: {tr(text)}")

    def validate(self) -> str:
        """Return an empty string: a choice is always valid."""
        return ""

    def clear(self) -> None:
        """Go back to the recipe's value."""
        self.show(None, None)


class TextField:
    """A text line, with an error message below it."""

    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        self.option = option
        self.widget = QWidget()
        self._line, self._error = QLineEdit(), QLabel()
        self._line.setObjectName(f"gramarye_more_{option.name}")
        self._line.setToolTip(option.help)
        self._line.textEdited.connect(lambda _: changed())
        self._error.setWordWrap(True)
        self._error.setVisible(False)
        self._normal_palette = self._line.palette()
        _mark_invalid(self._error)
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._line)
        column.addWidget(self._error)

    def read(self) -> Any:
        """Return the value; None for the recipe's, and if the text is invalid."""
        try:
            return self.option.read(self._line.text())
        except ValueError:
            return None

    def show(self, value: Any, recipe_value: Any) -> None:
        """Show ``value``; None stands for the recipe's own, ``recipe_value``. Invalid text is left unchanged."""
        self._line.setPlaceholderText(format_value(recipe_value))
        if not self.validate() and self.read() != value:
            self._line.setText("" if value is None else format_value(value))

    def validate(self) -> str:
        """Mark invalid text; return the error sentence, empty if it is valid."""
        try:
            self.option.read(self._line.text())
            error_text = ""
        except ValueError as error:
            error_text = str(error)
        self._error.setText(error_text)
        self._error.setVisible(bool(error_text))
        if error_text:
            _mark_invalid(self._line)
        else:
            self._line.setPalette(self._normal_palette)
        return error_text

    def clear(self) -> None:
        """Go back to the recipe's value."""
        self._line.clear()
        self.validate()


Field = Union[ChoiceField, TextField]


def make_field(option: Option, changed: Callable[[], None]) -> Field:
    """Return a field for the option's kind; ``changed`` is called after a change by the user."""
    return ChoiceField(option, changed) if option.kind == CHOICE else TextField(option, changed)


def _mark_invalid(widget: QWidget) -> None:
    palette = widget.palette()
    is_light = palette.color(QPalette.ColorRole.Window).lightness() > 127
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        palette.setColor(role, ERROR_ON_LIGHT if is_light else ERROR_ON_DARK)
    widget.setPalette(palette)
