"""A picture that can be zoomed and scrolled, and compared with the layer as it was."""

from __future__ import annotations

from typing import Any

from gi.repository import GdkPixbuf, Gtk

from ..document.pixbufs import fit_pixbuf
from ..translations import tr

_SIDE = 560
"""Longest side of the picture when it fits into the window, in pixels."""

_ZOOMS = (1.0, 1.5, 2.0, 3.0, 4.0)
"""Sizes of the picture, relative to the fitted one."""


class PictureView:
    """``widget``: the picture in a scrolling area, with buttons to zoom and to compare below it."""

    def __init__(self, layer: Any) -> None:
        """``layer`` is the layer's thumbnail, a pixbuf; it is the picture until `set_picture` is called."""
        self._layer = self._picture = fit_pixbuf(layer, max(layer.get_width(), layer.get_height()))
        self._zoom = 0
        self._image = Gtk.Image()
        self._scrolled = Gtk.ScrolledWindow(hexpand=True, vexpand=True)
        self._scrolled.add(self._image)
        self._smaller = _icon_button("zoom-out-symbolic", tr("Smaller"), lambda: self._zoom_by(-1))
        self._larger = _icon_button("zoom-in-symbolic", tr("Larger"), lambda: self._zoom_by(1))
        self._compare = Gtk.ToggleButton(label=tr("Show the layer"))
        self._compare.set_tooltip_text(tr("Show the layer as it was, to compare"))
        self._compare.connect("toggled", lambda *_: self._redraw())
        row = Gtk.Box(spacing=6)
        for button in (self._smaller, self._larger, self._compare):
            row.add(button)
        self.widget = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self.widget.pack_start(self._scrolled, True, True, 0)
        self.widget.pack_start(row, False, False, 0)
        fitted = fit_pixbuf(layer, _SIDE)
        self._size = fitted.get_width(), fitted.get_height()
        self._scrolled.set_size_request(*(length + 4 for length in self._size))
        self._zoom_by(0)

    def set_picture(self, picture: Any) -> None:
        """Show another picture of the same proportions, a pixbuf."""
        self._picture = picture
        if not self._compare.get_active():
            self._redraw()

    def grab_focus(self) -> None:
        """Give the keyboard focus to the button that compares."""
        self._compare.grab_focus()

    def _zoom_by(self, steps: int) -> None:
        self._zoom = max(0, min(len(_ZOOMS) - 1, self._zoom + steps))
        self._smaller.set_sensitive(self._zoom > 0)
        self._larger.set_sensitive(self._zoom < len(_ZOOMS) - 1)
        self._redraw()

    def _redraw(self) -> None:
        picture = self._layer if self._compare.get_active() else self._picture
        width, height = (round(length * _ZOOMS[self._zoom]) for length in self._size)
        self._image.set_from_pixbuf(picture.scale_simple(width, height, GdkPixbuf.InterpType.BILINEAR))


def _icon_button(icon: str, tooltip: str, clicked: Any) -> Any:
    button = Gtk.Button.new_from_icon_name(icon, Gtk.IconSize.BUTTON)
    button.set_tooltip_text(tooltip)
    button.connect("clicked", lambda *_: clicked())
    return button
