"""The dialog: the style, how strong it is, and how things stand with the daemon."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Tuple

from gi.repository import GimpUi, GLib, Gtk

from gramarye_plugin.choices import LABELS, MATTERS, choices, matters
from gramarye_plugin.session import LOST
from gramarye_protocol.messages import Message, Refused, StyleList, Styles, Welcome

from .choices import Choice, Entry
from .daemon import Daemon
from .settings import argument, set_style, style_of
from .style_chooser import StyleChooser
from .trouble import Stopped

_TITLES = {"preset": "Recipe", "network": "Network", **LABELS}

_SETTINGS = 320
"""Pixels: sliders of a use."""

_TURN = 20
"""Milliseconds between looks at the daemon."""


def ask(procedure: Any, config: Any, daemon: Daemon) -> None:
    """Let the user set ``config``'s values. `Stopped` where there is to be no painting."""
    dialog = Dialog(procedure, config, daemon)
    try:
        if not dialog.run():
            raise Stopped
    finally:
        dialog.close()


class Dialog:
    """It is of use while the daemon is still being started; what the daemon knows is filled in when it is ready."""

    def __init__(self, procedure: Any, config: Any, daemon: Daemon) -> None:
        self._config = config
        self._daemon = daemon
        self._filled_by: Any = None
        """The welcome whose presets and networks are shown."""
        self._dialog = GimpUi.ProcedureDialog.new(procedure, config, "Gramarye: paint in a style")
        self._dialog.set_ok_label("_Paint")
        self._style = StyleChooser(style_of(config))
        self._choices: Dict[str, Choice] = {name: Choice(config, argument(name)) for name in _TITLES}
        self._labels: Dict[str, Any] = {}
        self._state = Gtk.Label(xalign=0.0, wrap=True, max_width_chars=60, hexpand=True)
        self._again = Gtk.Button(label="_Try again", use_underline=True, no_show_all=True)
        self._again.connect("clicked", lambda *_: daemon.seek())
        for name in {other for other, _ in MATTERS.values()}:
            config.connect(f"notify::{argument(name)}", lambda *_: self._hide_what_is_idle())
        self._lay_out()
        self._look()
        self._timer = GLib.timeout_add(_TURN, self._turn)

    def run(self) -> bool:
        """Whether to paint; the style is set then."""
        if not self._dialog.run():
            return False
        set_style(self._config, self._style.wish)
        return True

    def close(self) -> None:
        """Take it off the screen."""
        GLib.source_remove(self._timer)
        self._dialog.destroy()

    def _lay_out(self) -> None:
        grid = Gtk.Grid(row_spacing=10, column_spacing=6, valign=Gtk.Align.START)
        grid.set_size_request(_SETTINGS, -1)
        alike = Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL)
        for row, name in enumerate(("strength", "stroke")):
            scale = self._dialog.get_scale_entry(name, 1.0)
            alike.add_widget(scale.get_label())
            grid.attach(scale, 0, row, 2, 1)
        for row, (name, choice) in enumerate(self._choices.items(), start=2):
            label = Gtk.Label(label=_TITLES[name], xalign=0.0, no_show_all=True)
            self._labels[name] = label
            alike.add_widget(label)
            grid.attach(label, 0, row, 1, 1)
            grid.attach(choice.widget, 1, row, 1, 1)
        state = Gtk.Box(spacing=8)
        state.add(self._state)
        state.add(self._again)
        columns = Gtk.Box(spacing=16)
        columns.add(self._style.widget)
        columns.add(grid)
        whole = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, border_width=12)
        whole.add(columns)
        whole.add(state)
        self._dialog.get_content_area().pack_start(whole, True, True, 0)
        whole.show_all()

    def _turn(self) -> bool:
        self._daemon.move(0.0)
        welcome = self._daemon.session.welcome
        if self._daemon.is_ready and welcome is not None and welcome is not self._filled_by:
            self._filled_by = welcome
            self._fill(welcome)
            self._daemon.session.request(Styles(), self._got_styles)
        self._look()
        return True

    def _fill(self, welcome: Welcome) -> None:
        for name, (entries, help) in choices_of(welcome).items():
            self._choices[name].fill(entries, help)
        self._hide_what_is_idle()

    def _hide_what_is_idle(self) -> None:
        """Show the choices that change something beside the others."""
        chosen = {name: self._config.get_property(argument(name)) for name in self._choices}
        for name, choice in self._choices.items():
            self._labels[name].set_visible(choice.set_visible(matters(name, chosen)))

    def _got_styles(self, answer: Message) -> None:
        if isinstance(answer, StyleList):
            self._style.gallery.fill(answer.styles)
        elif isinstance(answer, Refused) and answer is not LOST:
            self._daemon.trouble = answer

    def _look(self) -> None:
        """Show how things stand."""
        words = self._daemon.words
        if self._state.get_text() != words.sentence:
            self._state.set_text(words.sentence)
        self._again.set_visible(self._daemon.trouble is not None)
        can_paint = self._daemon.is_ready and any(self._style.wish)
        self._dialog.set_response_sensitive(Gtk.ResponseType.OK, can_paint)


def choices_of(welcome: Welcome) -> Dict[str, Tuple[List[Entry], str]]:
    """The entries of every choice, the daemon's own first, and what they are for."""
    presets = "\n".join(f"{name}: {preset['description']}" for name, preset in welcome.presets.items())
    found = {
        "preset": (_entries(welcome.default_preset, welcome.presets), presets),
        "network": (_entries(next(iter(welcome.networks), "the best"), welcome.networks), "The network that paints."),
    }
    for choice in choices(welcome):
        (_, usual), *others = choice.values
        found[choice.name] = ([("", usual), *others], choice.help)
    return found


def _entries(usual: str, names: Iterable[str]) -> List[Entry]:
    return [("", usual), *((name, name) for name in names if name != usual)]
