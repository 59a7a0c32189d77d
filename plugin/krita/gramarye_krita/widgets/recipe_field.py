"""One value of the recipe: entries to choose from, or a line for a number or a list; empty as the recipe has it."""

from __future__ import annotations

from typing import Any, Callable, Union

from gramarye_plugin.labels import RECIPE_DEFAULT
from gramarye_plugin.options import CHOICE, Option, format_value

from ..qt import QColor, QLabel, QLineEdit, QPalette, QVBoxLayout, QWidget
from ..translations import tr
from .combos import narrow_combo

ERROR_ON_DARK, ERROR_ON_LIGHT = QColor(240, 120, 104), QColor(176, 32, 16)


class ChoiceField:
    """Entries, the first of them the recipe's own."""

    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        self.option = option
        self.widget = narrow_combo(f"gramarye_more_{option.name}")
        self.widget.addItem(tr(RECIPE_DEFAULT), None)
        for value, text in option.values:
            self.widget.addItem(tr(text), value)
        self.widget.currentIndexChanged.connect(lambda _: changed())

    def read(self) -> Any:
        """The value; None for the recipe's."""
        return self.widget.currentData()

    def show(self, value: Any, recipe_value: Any) -> None:
        """Show a value, None for the recipe's ``recipe_value``."""
        self.widget.blockSignals(True)
        values = [None, *(known for known, _ in self.option.values)]
        self.widget.setCurrentIndex(values.index(value) if value in values else 0)
        self.widget.blockSignals(False)
        text = next((text for known, text in self.option.values if known == recipe_value), format_value(recipe_value))
        self.widget.setToolTip(f"{self.option.help}\n{tr(RECIPE_DEFAULT)}: {tr(text)}")

    def validate(self) -> str:
        """Why it cannot be read; it always can."""
        return ""

    def clear(self) -> None:
        """As the recipe has it."""
        self.show(None, None)


class TextField:
    """A line; under it what is wrong with what was written."""

    def __init__(self, option: Option, changed: Callable[[], None]) -> None:
        self.option = option
        self.widget = QWidget()
        self._line, self._words = QLineEdit(), QLabel()
        self._line.setObjectName(f"gramarye_more_{option.name}")
        self._line.setToolTip(option.help)
        self._line.textEdited.connect(lambda _: changed())
        self._words.setWordWrap(True)
        self._words.setVisible(False)
        self._normal_palette = self._line.palette()
        _mark_invalid(self._words)
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._line)
        column.addWidget(self._words)

    def read(self) -> Any:
        """The value; None for the recipe's, and where it cannot be read."""
        try:
            return self.option.read(self._line.text())
        except ValueError:
            return None

    def show(self, value: Any, recipe_value: Any) -> None:
        """Show a value, None for the recipe's ``recipe_value``; what is being written is left as it is."""
        self._line.setPlaceholderText(format_value(recipe_value))
        if not self.validate() and self.read() != value:
            self._line.setText("" if value is None else format_value(value))

    def validate(self) -> str:
        """Mark what cannot be read, and say why."""
        try:
            self.option.read(self._line.text())
            words = ""
        except ValueError as error:
            words = str(error)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        if words:
            _mark_invalid(self._line)
        else:
            self._line.setPalette(self._normal_palette)
        return words

    def clear(self) -> None:
        """As the recipe has it."""
        self._line.clear()
        self.validate()


Field = Union[ChoiceField, TextField]


def make_field(option: Option, changed: Callable[[], None]) -> Field:
    """The field that the option's kind asks for; ``changed`` is called when the artist has set it."""
    return ChoiceField(option, changed) if option.kind == CHOICE else TextField(option, changed)


def _mark_invalid(widget: QWidget) -> None:
    palette = widget.palette()
    is_light = palette.color(QPalette.ColorRole.Window).lightness() > 127
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        palette.setColor(role, ERROR_ON_LIGHT if is_light else ERROR_ON_DARK)
    widget.setPalette(palette)
