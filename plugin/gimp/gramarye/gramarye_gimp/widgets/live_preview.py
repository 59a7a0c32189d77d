"""Small, quick painting with the current settings in the dialog; it begins again after every change."""

from __future__ import annotations

import time
from typing import Any, Callable, Optional

from gi.repository import Gimp, Gtk

from gramarye_plugin.status_text import refusal_message
from gramarye_plugin.variations import VARIATION_SIDE
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Refused, Result

from ..daemon.connection import DaemonConnection
from ..daemon.queue import PaintQueue, QueueListener
from ..document.pixbufs import fade_pixbuf, fit_pixbuf, to_pixbuf
from ..document.pixels import Source
from ..downscale import to_rgba
from ..failures import PaintError
from ..settings import LIVE_PREVIEW
from ..translations import tr
from ..variation_requests import build_preview_request

_WIDTH, _HEIGHT = 200, 150
"""Size into which the picture is fitted, in pixels."""

_DELAY = 0.6
"""Seconds without a change before the preview is painted."""


class LivePreview(QueueListener):
    """The picture and its switch, ``widget``. The switch is the argument `LIVE_PREVIEW`.

    ``save`` stores in the arguments what the dialog's widgets show and have not stored yet.
    """

    def __init__(self, config: Any, daemon: DaemonConnection, source: Source, save: Callable[[], None]) -> None:
        self._config = config
        self._save = save
        self._is_saving = False
        self._daemon = daemon
        self._queue: Optional[PaintQueue] = None
        self._begin_at: Optional[float] = None
        """When the preview is to be painted; None if it is up to date."""
        self._image = Gtk.Image()
        self._image.set_size_request(_WIDTH, _HEIGHT)
        self._text = Gtk.Label(xalign=0.0, wrap=True, max_width_chars=30)
        self._switch = Gtk.CheckButton(label=tr("Quick preview"))
        self._switch.set_tooltip_text(tr("Show these settings on a small copy, painted by the quick network"))
        self._switch.set_active(config.get_property(LIVE_PREVIEW))
        self._switch.connect("toggled", lambda *_: self._switched())
        words = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, valign=Gtk.Align.CENTER)
        words.add(self._switch)
        words.add(self._text)
        self.widget = Gtk.Box(spacing=12)
        self.widget.add(self._image)
        self.widget.pack_start(words, True, True, 0)
        config.connect("notify", lambda *_: self._restart())
        self.set_source(source)

    def set_source(self, source: Source) -> None:
        """Paint another layer."""
        self._source = source
        thumbnail = source.layer.get_thumbnail(VARIATION_SIDE, VARIATION_SIDE, Gimp.PixbufTransparency.KEEP_ALPHA)
        width, height = thumbnail.get_width(), thumbnail.get_height()
        self._side = round(max(width, height) * min(_WIDTH / width, _HEIGHT / height))
        self._layer = fit_pixbuf(thumbnail, self._side)
        self._image.set_from_pixbuf(fade_pixbuf(self._layer))
        self._restart()

    def tick(self) -> None:
        """Begin when it is time, and update the painting; call this at every poll."""
        if self._queue is not None:
            self._queue.tick()
        if self._begin_at is not None and time.monotonic() >= self._begin_at and self._daemon.is_ready:
            self._begin_at = None
            self._begin()

    def stop(self) -> None:
        """Cancel the painting; it begins again at the next change."""
        self._begin_at = None
        if self._queue is not None:
            self._queue.stop()
            self._queue = None

    def on_progress(self, _place: int, view: JobView) -> None:
        if view.preview is not None:
            self._image.set_from_pixbuf(to_pixbuf(view.preview, self._side))

    def on_painted(self, _place: int, result: Result) -> None:
        self._image.set_from_pixbuf(to_pixbuf(to_rgba(result.pixels), self._side))

    def on_failed(self, refused: Refused) -> None:
        self._text.set_text(refusal_message(refused, tr).sentence)

    def _switched(self) -> None:
        self._config.set_property(LIVE_PREVIEW, self._switch.get_active())
        if not self._switch.get_active():
            self._image.set_from_pixbuf(fade_pixbuf(self._layer))

    def _restart(self) -> None:
        if self._is_saving:
            return
        self.stop()
        self._text.set_text("")
        if self._config.get_property(LIVE_PREVIEW):
            self._begin_at = time.monotonic() + _DELAY

    def _begin(self) -> None:
        welcome = self._daemon.session.welcome
        assert welcome is not None, "the daemon is ready"
        self._is_saving = True
        self._save()
        self._is_saving = False
        try:
            submit = build_preview_request(self._config, self._source, welcome)
        except PaintError:  # the status line says what is missing
            self._image.set_from_pixbuf(fade_pixbuf(self._layer))
            return
        self._queue = PaintQueue(self._daemon, [submit], self)
