"""Scrolling column, in which the mouse wheel scrolls and does not change the control under the pointer."""

from __future__ import annotations

from typing import Any

from gi.repository import Gtk


def scrolled_column(content: Any, width: int, height: int) -> Any:
    """Return ``content`` in a scrolling column of at least this size, in pixels."""
    scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, hexpand=True, vexpand=True)
    scrolled.set_overlay_scrolling(False)
    scrolled.set_size_request(width, height)
    scrolled.add(content)
    return scrolled


def ignore_wheel(widget: Any) -> None:
    """Make the wheel scroll the column over ``widget`` and its children."""
    if isinstance(widget, (Gtk.ComboBox, Gtk.SpinButton, Gtk.Range)):
        widget.connect("scroll-event", _stop_scroll_event)
    if isinstance(widget, Gtk.Container):
        widget.forall(ignore_wheel)


def _stop_scroll_event(widget: Any, _event: Any) -> bool:
    widget.stop_emission_by_name("scroll-event")
    return False
