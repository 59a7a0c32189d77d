"""Row that says which layers will be painted, and offers another one if the chosen layer is a painting itself."""

from __future__ import annotations

from typing import Any, Callable, List

from gi.repository import Gtk

from ..document.painting_note import read_painting_note
from ..translations import tr
from .combos import make_combo


class LayerChoice:
    """The row ``widget``; ``chosen`` are the layers to paint, at first the first of ``choices``.

    ``changed`` is called after another choice. For a painting there is a button with which ``on_settings`` gets the
    arguments that it was painted with, as JSON.
    """

    def __init__(
        self, choices: List[List[Any]], changed: Callable[[], None], on_settings: Callable[[str], None]
    ) -> None:
        self._choices = choices
        self._combo = make_combo()
        for layers in choices:
            self._combo.append_text(", ".join(layer.get_name() for layer in layers))
        self._combo.set_active(0)
        self._combo.set_sensitive(len(choices) > 1)
        self._combo.connect("changed", lambda *_: changed())
        self.widget = Gtk.Box(spacing=8)
        self.widget.add(Gtk.Label(label=tr("Layers to paint") if len(choices[0]) > 1 else tr("Layer to paint")))
        self.widget.add(self._combo)
        note = read_painting_note(choices[-1][0]) if len(choices[-1]) == 1 else None
        if note is not None:
            button = Gtk.Button(label=tr("Use this painting's settings"))
            button.set_tooltip_text(tr("Set everything as it was when this layer was painted"))
            button.connect("clicked", lambda *_: on_settings(note.arguments))
            self.widget.pack_end(button, False, False, 0)

    @property
    def chosen(self) -> List[Any]:
        """The chosen layers."""
        return self._choices[self._combo.get_active()]
