"""A column that scrolls, in which the wheel moves the column and no value that happens to lie under the pointer."""

from __future__ import annotations

from typing import Any

from gi.repository import Gtk


def scrolled_column(content: Any, width: int, height: int) -> Any:
    """``content`` in a column of this size at least, in pixels."""
    scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, hexpand=True, vexpand=True)
    scrolled.set_overlay_scrolling(False)
    scrolled.set_size_request(width, height)
    scrolled.add(content)
    return scrolled


def ignore_wheel(widget: Any) -> None:
    """Let the column have the wheel over ``widget`` and all in it."""
    if isinstance(widget, (Gtk.ComboBox, Gtk.SpinButton, Gtk.Range)):
        widget.connect("scroll-event", _stop_scroll_event)
    if isinstance(widget, Gtk.Container):
        widget.forall(ignore_wheel)


def _stop_scroll_event(widget: Any, _event: Any) -> bool:
    widget.stop_emission_by_name("scroll-event")
    return False
