"""The dialog: the style on the left, settings on the right, and how things stand with the daemon."""

from __future__ import annotations

from typing import Any, Optional

from gi.repository import Gimp, GimpUi, GLib, Gtk

from gramarye_plugin.labels import VARIATIONS, VARIATIONS_HELP
from gramarye_plugin.session import DAEMON_LOST
from gramarye_plugin.variations import VARIATION_SIDE, Variation
from gramarye_protocol.messages import ListStyles, Message, Refused, StyleList

from ..daemon.connection import Daemon
from ..document.last_job import remember
from ..document.pixels import Source
from ..failures import Stopped, Trouble
from ..settings import set_style, style_of
from ..variation_requests import sketches, take
from .settings_column import SettingsColumn
from .style_chooser import StyleChooser
from .variations_window import Sheet

_TURN = 20
"""Milliseconds between looks at the daemon."""


def ask(procedure: Any, config: Any, daemon: Daemon, found: Source) -> None:
    """Let the user set ``config``'s values for painting ``found``. `Stopped` where there is to be no painting."""
    dialog = Dialog(procedure, config, daemon, found)
    try:
        if not dialog.run():
            raise Stopped
    finally:
        dialog.close()


class Dialog:
    """It is of use while the daemon is still being started; what the daemon knows is filled in when it is ready."""

    def __init__(self, procedure: Any, config: Any, daemon: Daemon, found: Source) -> None:
        self._config = config
        self._daemon = daemon
        self._found = found
        self._filled_by: Any = None
        """The welcome whose presets and networks are shown."""
        self._sheet: Optional[Sheet] = None
        self._trouble = ""
        """Why there are no variations."""
        self._dialog = GimpUi.ProcedureDialog.new(procedure, config, "Gramarye: paint in a style")
        self._dialog.set_ok_label("_Paint")
        self._style = StyleChooser(style_of(config))
        self._settings = SettingsColumn(self._dialog, config, found)
        self._state = Gtk.Label(xalign=0.0, wrap=True, max_width_chars=60, hexpand=True)
        self._again = Gtk.Button(label="_Try again", use_underline=True, no_show_all=True)
        self._again.connect("clicked", lambda *_: daemon.seek())
        self._eight = Gtk.Button(label=VARIATIONS, tooltip_text=VARIATIONS_HELP)
        self._eight.connect("clicked", lambda *_: self._vary())
        self._lay_out()
        self._look()
        self._timer = GLib.timeout_add(_TURN, self._turn)

    def run(self) -> bool:
        """Whether to paint; all is set then."""
        if not self._dialog.run():
            return False
        set_style(self._config, self._style.wish)
        self._settings.go_on.settle()
        return True

    def close(self) -> None:
        """Take it off the screen."""
        GLib.source_remove(self._timer)
        if self._sheet is not None:
            self._sheet.close()
        self._dialog.destroy()

    def _lay_out(self) -> None:
        columns = Gtk.Box(spacing=16)
        columns.pack_start(self._style.widget, True, True, 0)
        columns.pack_start(self._settings.widget, True, True, 0)
        state = Gtk.Box(spacing=8)
        for part in (self._state, self._again, self._eight):
            state.add(part)
        whole = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, border_width=12)
        whole.pack_start(columns, True, True, 0)
        whole.pack_start(state, False, False, 0)
        self._dialog.get_content_area().pack_start(whole, True, True, 0)
        whole.show_all()

    def _turn(self) -> bool:
        self._daemon.move(0.0)
        welcome = self._daemon.session.welcome
        if self._daemon.is_ready and welcome is not None and welcome is not self._filled_by:
            self._filled_by = welcome
            self._settings.fill(welcome)
            self._daemon.session.request(ListStyles(), self._got_styles)
        if self._sheet is not None:
            self._sheet.turn()
        self._look()
        return True

    def _got_styles(self, answer: Message) -> None:
        if isinstance(answer, StyleList):
            self._style.gallery.fill(answer.styles)
            self._settings.fill_styles(answer.styles)
        elif isinstance(answer, Refused) and answer is not DAEMON_LOST:
            self._daemon.trouble = answer

    def _look(self) -> None:
        """Show how things stand."""
        sentence = self._settings.problem or self._trouble or self._daemon.words.sentence
        if self._state.get_text() != sentence:
            self._state.set_text(sentence)
        self._again.set_visible(self._daemon.trouble is not None)
        can_paint = self._daemon.is_ready and any(self._style.wish) and not self._settings.problem
        self._dialog.set_response_sensitive(Gtk.ResponseType.OK, can_paint)
        self._eight.set_sensitive(can_paint)

    def _vary(self) -> None:
        set_style(self._config, self._style.wish)
        self._trouble = ""
        try:
            eight = sketches(self._config, self._found, self._filled_by)
        except Trouble as error:
            self._trouble = str(error)
            return
        thumbnail = self._found.layer.get_thumbnail(VARIATION_SIDE, VARIATION_SIDE, Gimp.PixbufTransparency.KEEP_ALPHA)
        self._sheet = Sheet(self._dialog, thumbnail, eight, self._daemon, self._chosen)

    def _chosen(self, variation: Variation, job: str) -> None:
        """Paint it at full size, on from the small one."""
        take(self._config, variation)
        remember(self._found.layer, job)
        self._settings.go_on.begin()
        self._dialog.response(Gtk.ResponseType.OK)
