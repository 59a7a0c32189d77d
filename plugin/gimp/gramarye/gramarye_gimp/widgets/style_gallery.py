"""Gallery of the styles that the daemon knows."""

from __future__ import annotations

from typing import Any, Callable, List, Tuple

from gi.repository import Gtk, Pango

from gramarye_protocol.messages import StyleEntry

from ..document.pixbufs import crop_square, to_pixbuf

_SIDE = 112
_COLUMNS = 4


class Gallery:
    """The gallery ``widget``; ``chosen`` is the selected style's name, empty if there is none.

    ``changed`` is called when the user selects another style.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.chosen = ""
        self._changed = changed
        self._is_showing = False
        self._names: List[str] = []
        self._flow = Gtk.FlowBox(
            min_children_per_line=_COLUMNS, max_children_per_line=_COLUMNS, homogeneous=True, valign=Gtk.Align.START
        )
        self._flow.connect("selected-children-changed", self._selected)
        self.widget = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, hexpand=True, vexpand=True)
        self.widget.set_size_request(_COLUMNS * (_SIDE + 22), 2 * (_SIDE + 46))
        self.widget.add(self._flow)

    def fill(self, styles: Tuple[StyleEntry, ...]) -> None:
        """Show ``styles`` and select the chosen one, or the first."""
        self._is_showing = True
        for child in self._flow.get_children():
            self._flow.remove(child)
        self._names = [style.name for style in styles]
        for style in styles:
            self._flow.add(_tile(style))
        self._flow.show_all()
        self._is_showing = False
        self.choose(self.chosen)

    def choose(self, name: str) -> None:
        """Select a style; the first if the daemon does not know it."""
        self.chosen = name
        if not self._names:
            return
        place = self._names.index(name) if name in self._names else 0
        self._is_showing = True
        self._flow.select_child(self._flow.get_child_at_index(place))
        self._is_showing = False
        self.chosen = self._names[place]

    def _selected(self, flow: Any) -> None:
        if self._is_showing:
            return
        selected = flow.get_selected_children()
        self.chosen = self._names[selected[0].get_index()] if selected else ""
        self._changed()


def _tile(style: StyleEntry) -> Any:
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4, margin=4)
    box.add(Gtk.Image.new_from_pixbuf(crop_square(to_pixbuf(style.thumbnail, _SIDE * 2), _SIDE)))
    box.add(Gtk.Label(label=style.title, ellipsize=Pango.EllipsizeMode.END, max_width_chars=12))
    return box
