"""Right side of the dialog: sliders, choices, second style, regions and further recipe values."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Sequence, Tuple

from gi.repository import Gimp, Gtk

from gramarye_plugin.choices import LABELS, RELEVANT_IF, choices, is_relevant
from gramarye_plugin.labels import KEEP_BLENDING, KEEP_BLENDING_HELP, QUALITY, QUALITY_HELP, SECOND_STYLE
from gramarye_plugin.network_choices import network_choices
from gramarye_protocol.messages import StyleEntry, Welcome

from ...document.pixels import Source
from ...settings import RANGES, argument_name
from ...translations import tr
from ..scrolling_column import ignore_wheel, scrolled_column
from .advanced_settings import MoreSettings
from .continue_check import ContinueCheckBox
from .daemon_choice import Choice, Entry
from .region_rows import RegionRows
from .second_style import SecondStyle

_TITLES = {"preset": "Recipe", "network": QUALITY, **LABELS}

FULL_OPACITY = 100.0

_WIDTH, _HEIGHT = 430, 320
"""Least size in pixels; the dialog then fits on a screen 768 pixels high."""


class SettingsColumn:
    """The column ``widget``, which stores every change in ``config``; ``procedure_dialog`` creates the sliders."""

    def __init__(self, procedure_dialog: Any, config: Any, source: Source) -> None:
        self._config = config
        self._sliders = [_slider(procedure_dialog, name) for name in ("strength", "stroke", "mix")]
        self._choices: Dict[str, Choice] = {
            name: Choice(config, argument_name(name), keeps_unknown=name == "network") for name in _TITLES
        }
        self._labels: Dict[str, Any] = {}
        self._second_style = SecondStyle(config, self._sliders[2])
        keep_rest = procedure_dialog.get_widget("keep-rest", Gtk.CheckButton)
        self._regions = RegionRows(config, source.image, source.layer, keep_rest)
        self._keep_blending = procedure_dialog.get_widget("keep-blending", Gtk.CheckButton)
        self._keep_blending.set_label(tr(KEEP_BLENDING))
        self._keep_blending.set_tooltip_text(tr(KEEP_BLENDING_HELP))
        self._keep_blending.set_no_show_all(True)
        self._more_settings = MoreSettings(config)
        self.continue_box = ContinueCheckBox(config, source.layer)
        for name in {"network", *(other for other, _ in RELEVANT_IF.values())}:  # a network may have become an entry
            config.connect(f"notify::{argument_name(name)}", lambda *_: self._update_visible_choices())
        parts = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=10, margin_end=8)
        for part in (
            self._grid(),
            self._keep_blending,
            self.continue_box.widget,
            self._regions.widget,
            self._more_settings.widget,
        ):
            parts.add(part)
        ignore_wheel(parts)
        self.widget = scrolled_column(parts, _WIDTH, _HEIGHT)
        self.show_layer(source.layer)

    @property
    def validation_error(self) -> str:
        """What is wrong with the settings, in a sentence; empty if they are valid."""
        return self._more_settings.validation_error

    def save(self) -> None:
        """Store in the arguments what is stored only when the dialog ends."""
        self.continue_box.save()
        self._regions.save()

    def show_layer(self, layer: Any) -> None:
        """Show what can be set for the layer to paint."""
        self.continue_box.set_layer(layer)
        is_blended = layer.get_opacity() < FULL_OPACITY or layer.get_mode() != Gimp.LayerMode.NORMAL
        self._keep_blending.set_visible(is_blended)

    def fill(self, welcome: Welcome) -> None:
        """Set the entries that depend on the daemon."""
        for name, (entries, help) in _choice_entries(welcome).items():
            self._choices[name].fill(entries, help)
        self._more_settings.fill(welcome)
        self._update_visible_choices()

    def fill_styles(self, styles: Sequence[StyleEntry]) -> None:
        """Set the styles to choose from, for the second style and the regions."""
        self._second_style.fill(styles)
        self._regions.fill(styles)

    def _grid(self) -> Any:
        grid = Gtk.Grid(row_spacing=10, column_spacing=6, valign=Gtk.Align.START)
        label_group = Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL)
        strength, stroke, mix = self._sliders
        for slider in self._sliders:
            label_group.add_widget(slider.get_label())
        second = Gtk.Label(label=tr(SECOND_STYLE), xalign=0.0)
        rows: List[Tuple[Any, ...]] = [(strength,), (stroke,), (second, self._second_style.widget), (mix,)]
        for name, choice in self._choices.items():
            self._labels[name] = Gtk.Label(label=tr(_TITLES[name]), xalign=0.0, no_show_all=True)
            rows.append((self._labels[name], choice.widget))
        for place, row in enumerate(rows):
            if len(row) == 1:
                grid.attach(row[0], 0, place, 2, 1)
            else:
                label_group.add_widget(row[0])
                grid.attach(row[0], 0, place, 1, 1)
                grid.attach(row[1], 1, place, 1, 1)
        return grid

    def _update_visible_choices(self) -> None:
        """Show the choices that have an effect with the current values of the others."""
        chosen = {name: self._config.get_property(argument_name(name)) for name in self._choices}
        for name, choice in self._choices.items():
            self._labels[name].set_visible(choice.set_visible(is_relevant(name, chosen)))


def _slider(procedure_dialog: Any, name: str) -> Any:
    slider = procedure_dialog.get_scale_entry(name, 1.0)
    slider.set_bounds(*RANGES[name], False)
    return slider


def _choice_entries(welcome: Welcome) -> Dict[str, Tuple[List[Entry], str]]:
    """Return the entries of every choice, the daemon's default first, and its tooltip."""
    presets = "\n".join(f"{name}: {preset['description']}" for name, preset in welcome.presets.items())
    found = {
        "preset": (_default_first(welcome.default_preset, welcome.presets), presets),
        "network": ([(name, tr(text)) for name, text in network_choices(welcome.networks)], tr(QUALITY_HELP)),
    }
    for choice in choices(welcome):
        (_, default), *others = choice.values
        found[choice.name] = ([("", tr(default)), *((value, tr(text)) for value, text in others)], choice.help)
    return found


def _default_first(default: str, names: Iterable[str]) -> List[Entry]:
    return [("", default), *((name, name) for name in names if name != default)]
