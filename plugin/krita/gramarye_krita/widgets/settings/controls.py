"""The main controls: strength, stroke size, second style, recipe, quality, and the main choices of the schema."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, Iterable, List, Tuple

from gramarye_plugin.choices import Choice, choices, is_relevant
from gramarye_plugin.labels import QUALITY, QUALITY_HELP
from gramarye_plugin.network_choices import network_choices
from gramarye_protocol.messages import Welcome

from ...qt import QComboBox, QFormLayout, QLabel, QSlider, Qt, QWidget
from ...stored_settings import Settings
from ...translations import tr
from ..common.combos import narrow_combo
from ..common.form_rows import show_row
from ..common.slider import labelled_slider
from .placement_choice import PlacementChoice
from .second_style import SecondStyle

STROKE_STEPS = 24
"""Slider steps on each side of stroke size 1; the range is 1/4 to 4."""


class Controls(QWidget):
    """The main controls, including ``second`` and ``placement``.

    ``changed`` is called with the new settings after a user's change.
    """

    def __init__(self, changed: Callable[[Settings], None], second: SecondStyle, placement: PlacementChoice) -> None:
        super().__init__()
        self._changed = changed
        self._settings = Settings()
        self._is_showing = False
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._strength, self._strength_value = self._slider("gramarye_strength", tr("Strength"), 0, 100)
        self._strength.setToolTip(tr("Left: more of the layer. Right: more of the style."))
        self._stroke, self._stroke_value = self._slider(
            "gramarye_stroke", tr("Stroke size"), -STROKE_STEPS, STROKE_STEPS
        )
        self._stroke.setToolTip(tr("The size of the style's brush strokes."))
        second.add_to(self._form)
        self._preset = self._combo("gramarye_preset", tr("Recipe"))
        self._network = self._combo("gramarye_network", tr(QUALITY))
        self._network.setToolTip(tr(QUALITY_HELP))
        self._placement = placement
        placement.add_to(self._form)
        self._choices: Dict[str, QComboBox] = {}
        self._labels: Dict[str, QLabel] = {}

    def set_options(self, welcome: Welcome) -> None:
        """Offer this daemon's recipes, networks and choices."""
        self._is_showing = True
        _fill(self._preset, [("", _default(welcome.default_preset)), *((n, n) for n in _others(welcome))])
        for index, name in enumerate(_others(welcome), 1):
            self._preset.setItemData(index, welcome.presets[name]["description"], Qt.ItemDataRole.ToolTipRole)
        _fill(self._network, [(name, tr(text)) for name, text in network_choices(welcome.networks)])
        for choice in choices(welcome):
            self._set_choice(choice)
        self._is_showing = False
        self.show_settings(self._settings)

    def show_settings(self, settings: Settings) -> None:
        """Show the settings in the controls."""
        self._settings, paint_settings = settings, settings.paint_settings
        self._placement.show_settings(settings)
        self._is_showing = True
        self._strength.setValue(paint_settings.strength)
        self._stroke.setValue(round(STROKE_STEPS * math.log(paint_settings.stroke, 4)))
        _select(self._preset, paint_settings.preset)
        _select_or_add(self._network, paint_settings.network)
        for name, combo in self._choices.items():
            _select(combo, paint_settings.recipe.get(name, combo.itemData(0)))
        self._is_showing = False
        self._update_visible_choices()
        self._label()

    def _read(self) -> None:
        """Report a change by the user."""
        self._label()
        if self._is_showing:
            return
        self._update_visible_choices()
        others = {n: value for n, value in self._settings.paint_settings.recipe.items() if n not in self._choices}
        own = {name: combo.currentData() for name, combo in self._choices.items() if combo.currentIndex() > 0}
        self._settings = self._settings.with_paint_settings(
            strength=self._strength.value(),
            stroke=4.0 ** (self._stroke.value() / STROKE_STEPS),
            preset=_selected(self._preset, self._settings.paint_settings.preset),
            network=_selected(self._network, self._settings.paint_settings.network),
            recipe={**others, **own},
        )
        self._changed(self._settings)

    def _update_visible_choices(self) -> None:
        """Show only the choices that have an effect with the current values."""
        chosen = {name: combo.currentData() for name, combo in self._choices.items()}
        above: QComboBox = self._network
        for name, combo in self._choices.items():
            is_hidden = not is_relevant(name, chosen)
            show_row(self._form, self._labels[name], combo, not is_hidden, above)
            above = above if is_hidden else combo

    def _label(self) -> None:
        self._strength_value.setText(str(self._strength.value()))
        self._stroke_value.setText(f"{4.0 ** (self._stroke.value() / STROKE_STEPS):.2g} x")

    def _slider(self, name: str, label: str, minimum: int, maximum: int) -> Tuple[QSlider, QLabel]:
        slider, value, holder = labelled_slider(name, minimum, maximum)
        slider.valueChanged.connect(lambda _: self._read())
        self._form.addRow(label, holder)
        return slider, value

    def _combo(self, name: str, label: str) -> QComboBox:
        combo = narrow_combo(name)
        combo.currentIndexChanged.connect(lambda _: self._read())
        self._form.addRow(label, combo)
        return combo

    def _set_choice(self, choice: Choice) -> None:
        combo = self._choices.get(choice.name)
        if combo is None:
            combo = self._choices[choice.name] = self._combo(f"gramarye_{choice.name}", tr(choice.label))
            self._labels[choice.name] = self._form.labelForField(combo)
        combo.setToolTip(choice.help)
        _fill(combo, [(value, tr(text)) for value, text in choice.values])


def _fill(combo: QComboBox, entries: Iterable[Tuple[Any, str]]) -> None:
    kept = combo.currentData()
    combo.clear()
    for value, text in entries:
        combo.addItem(text, value)
    _select(combo, kept)


def _selected(combo: QComboBox, stored: str) -> str:
    """Return the selected value; ``stored`` as long as the list is empty, because no daemon has answered yet."""
    return (combo.currentData() or "") if combo.count() else stored


def _select(combo: QComboBox, value: Any) -> None:
    combo.setCurrentIndex(max(0, combo.findData(value)))


def _select_or_add(combo: QComboBox, name: str) -> None:
    """Select ``name``; if a filled list lacks it, as it lacks a network no longer installed, add it."""
    if combo.count() and combo.findData(name) < 0:
        combo.addItem(name, name)
    _select(combo, name)


def _others(welcome: Welcome) -> List[str]:
    return [name for name in welcome.presets if name != welcome.default_preset]


def _default(name: str) -> str:
    return tr("{name} (default)").format(name=name)
