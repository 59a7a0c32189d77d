"""Window with the layer and, around it, small paintings of eight variations to choose from."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from gi.repository import Gtk, Pango

from gramarye_plugin.labels import CHOOSE_ONE, UNCHANGED_LAYER, VARIATIONS
from gramarye_plugin.status_text import job_message, refusal_message
from gramarye_plugin.variations import COLUMNS, MIDDLE, Variation
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Refused, Result

from ..daemon.connection import DaemonConnection
from ..daemon.queue import PaintQueue, QueueListener
from ..document.pixbufs import fade_pixbuf, fit_pixbuf, to_pixbuf
from ..downscale import to_rgba
from ..translations import tr
from ..variation_requests import VariationRequest

_SIDE = 208
"""Longest side of a picture, in pixels."""


class VariationsWindow(QueueListener):
    """Paints the variations in order. ``on_chosen`` gets the clicked variation and the job of its small painting."""

    def __init__(
        self,
        window: Any,
        thumbnail: Any,
        requests: List[VariationRequest],
        daemon: DaemonConnection,
        on_chosen: Callable[[Variation, str], None],
    ) -> None:
        self._requests = requests
        self._on_chosen = on_chosen
        self._jobs: Dict[int, str] = {}
        self.is_open = True
        self._window = Gtk.Dialog(title=tr(VARIATIONS).rstrip("."), transient_for=window, modal=True)
        self._window.add_button(tr("_Close"), Gtk.ResponseType.CLOSE)
        self._window.connect("response", lambda *_: self.close())
        self._bar = Gtk.ProgressBar(show_text=True)
        layer = fit_pixbuf(thumbnail, _SIDE)
        self._pictures = [Gtk.Image.new_from_pixbuf(fade_pixbuf(layer)) for _ in requests]
        self._lay_out(layer)
        self._window.show_all()
        self._queue = PaintQueue(daemon, [request.submit for request in requests], self)

    def tick(self) -> None:
        """Update the queue; call this at every poll."""
        self._queue.tick()

    def close(self) -> None:
        """Close the window and cancel the remaining paintings."""
        if self.is_open:
            self.is_open = False
            self._queue.stop()
            self._window.destroy()

    def on_progress(self, place: int, view: JobView) -> None:
        if not self.is_open:
            return
        said = tr("{place} of {count}: {progress}")
        self._bar.set_text(said.format(place=place + 1, count=len(self._requests), progress=job_message(view, tr)))
        fraction = view.progress.step / max(1, view.progress.total) if view.progress is not None else 0.0
        self._bar.set_fraction((place + fraction) / len(self._requests))
        if view.preview is not None:
            self._pictures[place].set_from_pixbuf(to_pixbuf(view.preview, _SIDE))

    def on_painted(self, place: int, result: Result) -> None:
        if not self.is_open:
            return
        self._jobs[place] = result.job
        self._pictures[place].set_from_pixbuf(to_pixbuf(to_rgba(result.pixels), _SIDE))
        self._bar.set_fraction((place + 1) / len(self._requests))
        if len(self._jobs) == len(self._requests):
            self._bar.set_text(tr(CHOOSE_ONE))

    def on_failed(self, refused: Refused) -> None:
        if self.is_open:
            self._bar.set_text(refusal_message(refused, tr).sentence)

    def _button(self, place: int) -> Any:
        button = Gtk.Button(relief=Gtk.ReliefStyle.NONE)
        button.add(self._pictures[place])
        button.connect("clicked", lambda *_: self._choose(place))
        return button

    def _choose(self, place: int) -> None:
        if place not in self._jobs:  # not painted yet
            return
        self.close()
        self._on_chosen(self._requests[place].variation, self._jobs[place])

    def _lay_out(self, layer: Any) -> None:
        grid = Gtk.Grid(row_spacing=6, column_spacing=6, row_homogeneous=True, column_homogeneous=True)
        middle = Gtk.Image.new_from_pixbuf(layer)
        self._attach(grid, MIDDLE, middle, tr(UNCHANGED_LAYER), layer)
        for place, request in enumerate(self._requests):
            self._attach(grid, request.variation.place, self._button(place), _label(request.variation), layer)
        area = self._window.get_content_area()
        area.set_spacing(10)
        area.set_border_width(12)
        area.pack_start(grid, True, True, 0)
        area.pack_start(self._bar, False, False, 0)

    def _attach(self, grid: Any, place: int, picture: Any, label: str, thumbnail_pixbuf: Any) -> None:
        picture.set_size_request(thumbnail_pixbuf.get_width() + 12, thumbnail_pixbuf.get_height() + 8)
        cell = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=2)
        cell.add(picture)
        cell.add(Gtk.Label(label=label, ellipsize=Pango.EllipsizeMode.END, max_width_chars=28))
        grid.attach(cell, place % COLUMNS, place // COLUMNS, 1, 1)


def _label(variation: Variation) -> str:
    return ", ".join(tr(part) for part in variation.label.split(", "))
