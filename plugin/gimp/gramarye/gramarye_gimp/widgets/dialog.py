"""The dialog: style on the left, settings on the right, state of the daemon below."""

from __future__ import annotations

from typing import Any, List, Optional

from gi.repository import Gimp, GimpUi, GLib, Gtk

from gramarye_plugin.labels import VARIATIONS, VARIATIONS_HELP
from gramarye_plugin.session import DAEMON_LOST
from gramarye_plugin.variations import VARIATION_SIDE, Variation
from gramarye_protocol.messages import ListStyles, Message, Refused, StyleList

from ..daemon.connection import DaemonConnection
from ..document.last_job import note_last_job
from ..document.pixels import read_source
from ..failures import PaintCancelled, PaintError
from ..noted_arguments import NamedArguments, set_arguments
from ..translations import tr
from ..variation_requests import apply_variation, build_variation_requests
from .layer_choice import LayerChoice
from .live_preview import LivePreview
from .settings.named_settings import NamedSettings
from .settings.settings_column import SettingsColumn
from .style_chooser import StyleChooser
from .variations_window import VariationsWindow

_POLL_MS = 20
"""Milliseconds between two polls of the daemon."""


def run_dialog(
    procedure: Any, config: Any, daemon: DaemonConnection, image: Any, choices: List[List[Any]]
) -> List[Any]:
    """Let the user set ``config``'s values for painting layers of ``image``; return the chosen one of ``choices``.

    Errors: `PaintCancelled` if the user cancels.
    """
    dialog = Dialog(procedure, config, daemon, image, choices)
    try:
        if not dialog.run():
            raise PaintCancelled
        return dialog.layers
    finally:
        dialog.close()


class Dialog:
    """The dialog is usable while the daemon starts; styles, recipes and networks are filled in once it is ready."""

    def __init__(
        self, procedure: Any, config: Any, daemon: DaemonConnection, image: Any, choices: List[List[Any]]
    ) -> None:
        self._config = config
        self._daemon = daemon
        self._source = source = read_source(image, choices[0][0])
        """The layer to paint, the first one if there are several."""
        self._shown_welcome: Any = None
        """The `Welcome` whose presets and networks are shown."""
        self._variations_window: Optional[VariationsWindow] = None
        self._variations_error = ""
        """Why the variations could not be opened; empty if they could."""
        self._dialog = GimpUi.ProcedureDialog.new(procedure, config, tr("Gramarye: paint in a style"))
        self._dialog.set_ok_label(tr("_Paint"))
        self._layers = LayerChoice(choices, self._layer_changed, self._use_settings)
        self._named = NamedSettings(config, NamedArguments(), self._use_settings)
        self._style = StyleChooser(config, source.layer)
        self._settings = SettingsColumn(self._dialog, config, source)
        self._preview = LivePreview(config, daemon, source, self._save)
        self._status_label = Gtk.Label(xalign=0.0, wrap=True, max_width_chars=60, hexpand=True)
        self._retry_button = Gtk.Button(label=tr("_Try again"), use_underline=True, no_show_all=True)
        self._retry_button.connect("clicked", lambda *_: daemon.connect_or_start())
        self._variations_button = Gtk.Button(label=tr(VARIATIONS), tooltip_text=tr(VARIATIONS_HELP))
        self._variations_button.connect("clicked", lambda *_: self._open_variations())
        self._lay_out()
        self._update_status()
        self._timer = GLib.timeout_add(_POLL_MS, self._on_timer)

    @property
    def layers(self) -> List[Any]:
        """The layers to paint."""
        return self._layers.chosen

    def run(self) -> bool:
        """Run the dialog; return whether to paint. All arguments are set in any case."""
        is_confirmed = bool(self._dialog.run())
        self._save()
        return is_confirmed

    def close(self) -> None:
        """Close all windows and stop polling."""
        GLib.source_remove(self._timer)
        self._preview.stop()
        if self._variations_window is not None:
            self._variations_window.close()
        self._dialog.destroy()

    def _lay_out(self) -> None:
        columns = Gtk.Box(spacing=16)
        columns.pack_start(self._style.widget, True, True, 0)
        right = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=8)
        right.pack_start(self._settings.widget, True, True, 0)
        right.pack_start(self._preview.widget, False, False, 0)
        columns.pack_start(right, True, True, 0)
        status_row = Gtk.Box(spacing=8)
        for part in (self._status_label, self._retry_button, self._variations_button):
            status_row.add(part)
        content = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, border_width=12)
        top = Gtk.Box(spacing=16)
        top.pack_start(self._layers.widget, True, True, 0)
        top.pack_start(self._named.widget, False, False, 0)
        content.pack_start(top, False, False, 0)
        content.pack_start(columns, True, True, 0)
        content.pack_start(status_row, False, False, 0)
        self._dialog.get_content_area().pack_start(content, True, True, 0)
        content.show_all()

    def _save(self) -> None:
        """Store in the arguments what the widgets have not stored yet."""
        self._style.save()
        self._settings.save()

    def _layer_changed(self) -> None:
        """Another layer is to be painted."""
        self._source = read_source(self._source.image, self._layers.chosen[0])
        self._settings.show_layer(self._source.layer)
        self._preview.set_source(self._source)

    def _use_settings(self, arguments: str) -> None:
        """Set the arguments that a painting was made with, or that were saved under a name."""
        set_arguments(self._config, arguments, self._source.image)

    def _on_timer(self) -> bool:
        self._daemon.poll(0.0)
        welcome = self._daemon.session.welcome
        if self._daemon.is_ready and welcome is not None and welcome is not self._shown_welcome:
            self._shown_welcome = welcome
            self._settings.fill(welcome)
            self._daemon.session.request(ListStyles(), self._got_styles)
        if self._variations_window is not None and self._variations_window.is_open:
            self._variations_window.tick()
        else:
            self._preview.tick()
        self._update_status()
        return True

    def _got_styles(self, answer: Message) -> None:
        if isinstance(answer, StyleList):
            self._style.gallery.fill(answer.styles)
            self._settings.fill_styles(answer.styles)
        elif isinstance(answer, Refused) and answer is not DAEMON_LOST:
            self._daemon.refusal = answer

    def _update_status(self) -> None:
        """Show the state of the daemon and enable the buttons that can be used."""
        sentence = (
            self._settings.validation_error
            or self._style.error
            or self._variations_error
            or self._daemon.status(tr).sentence
        )
        if self._status_label.get_text() != sentence:
            self._status_label.set_text(sentence)
        self._retry_button.set_visible(self._daemon.refusal is not None)
        can_paint = self._daemon.is_ready and any(self._style.choice) and not self._settings.validation_error
        self._dialog.set_response_sensitive(Gtk.ResponseType.OK, can_paint)
        self._variations_button.set_sensitive(can_paint)

    def _open_variations(self) -> None:
        self._save()
        self._variations_error = ""
        try:
            requests = build_variation_requests(self._config, self._source, self._shown_welcome)
        except PaintError as error:
            self._variations_error = error.translated(tr)
            return
        self._preview.stop()
        thumbnail = self._source.layer.get_thumbnail(VARIATION_SIDE, VARIATION_SIDE, Gimp.PixbufTransparency.KEEP_ALPHA)
        self._variations_window = VariationsWindow(
            self._dialog, thumbnail, requests, self._daemon, self._variation_chosen
        )

    def _variation_chosen(self, variation: Variation, job: str) -> None:
        """Paint the variation at full size, continuing from its small painting."""
        apply_variation(self._config, variation)
        note_last_job(self._source.layer, job)
        self._settings.continue_box.enable()
        self._dialog.response(Gtk.ResponseType.OK)
