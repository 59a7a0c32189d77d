"""What a painted layer remembers: the layer that it was painted from, and how; saved with the image."""

from __future__ import annotations

import json
from typing import Any, List, NamedTuple, Optional, Sequence

from gi.repository import Gimp

from .pixels import can_be_painted

_PARASITE_NAME = "gramarye-painting"
_PERSISTENT = 1  # GIMP_PARASITE_PERSISTENT: saved with the image


class PaintingNote(NamedTuple):
    """``source`` is the tattoo of the layer that was painted, ``arguments`` the procedure's arguments as JSON."""

    source: int
    arguments: str


def write_painting_note(layer: Any, source: Any, arguments: str) -> None:
    """Note with a painted layer that it was painted from ``source`` with these arguments."""
    text = json.dumps({"source": source.get_tattoo(), "arguments": arguments})
    layer.attach_parasite(Gimp.Parasite.new(_PARASITE_NAME, _PERSISTENT, text.encode()))


def read_painting_note(layer: Any) -> Optional[PaintingNote]:
    """Return the note of a painted layer; None for any other layer, and for a note that cannot be read."""
    parasite = layer.get_parasite(_PARASITE_NAME)
    if parasite is None:
        return None
    try:
        note = json.loads(bytes(parasite.get_data()).decode())
        return PaintingNote(int(note["source"]), str(note["arguments"]))
    except (ValueError, KeyError, TypeError):
        return None


def paintable_layers(image: Any, layers: Sequence[Any]) -> List[List[Any]]:
    """Return what the user may want to paint, the likeliest first; each choice is a list of layers.

    For a painting, that is the layer that it was painted from, if it is still there, then the painting itself.
    """
    note = read_painting_note(layers[0]) if len(layers) == 1 and layers[0].is_valid() else None
    source = None if note is None else image.get_layer_by_tattoo(note.source)
    return [[source], list(layers)] if source is not None and can_be_painted(image, source) else [list(layers)]
