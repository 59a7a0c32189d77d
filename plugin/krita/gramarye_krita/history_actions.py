"""What the user can do with the paintings of a document's history."""

from __future__ import annotations

from typing import Any, Callable, Optional

from gramarye_plugin.session import DAEMON_LOST, Session
from gramarye_protocol.messages import FetchResult, Message, Refused, Result
from gramarye_protocol.pixels import PixelBuffer

from .document.annotations import read_notes, write_note
from .document.colour_profile import IccTransform, convert_pixels
from .document.comparison import Comparison
from .document.history import HistoryEntry, change_entry, discard_entry
from .document.nodes import is_open, node_id
from .document.placement.insertion import insert_above_source
from .qt import QByteArray
from .refusals import PAINTING_GONE


class HistoryActions:
    """Inserts, marks and discards paintings. ``changed`` is called after each change, with the refusal if it failed.

    `revision` grows with every change of a document's history; `comparison` hides paintings for a while.
    """

    def __init__(self, session: Session, changed: Callable[[Optional[Refused]], None]) -> None:
        self._session = session
        self._changed = changed
        self.revision = 0
        self.comparison = Comparison()

    def insert(self, document: Any, entry: HistoryEntry) -> None:
        """Insert a painting again, as a new layer; the daemon has kept its pixels."""

        def answered(answer: Message) -> None:
            if isinstance(answer, Result):
                if is_open(document):
                    _insert(document, entry, answer.pixels)
                self._change(None)
            else:
                self._change(DAEMON_LOST if answer is DAEMON_LOST else PAINTING_GONE)

        self._session.request(FetchResult(entry.job), answered)

    def mark_favourite(self, document: Any, entry: HistoryEntry) -> None:
        """Mark a painting as a favourite, or no longer."""
        change_entry(document, entry.job, is_favourite=not entry.is_favourite)
        self._change(None)

    def discard(self, document: Any, entry: HistoryEntry) -> None:
        """Remove a painting from the history; its layer stays."""
        discard_entry(document, entry.job)
        self._change(None)

    def _change(self, refused: Optional[Refused]) -> None:
        self.revision += 1
        self._changed(refused)


def _insert(document: Any, entry: HistoryEntry, pixels: PixelBuffer) -> None:
    """Insert the pixels, and have the history and the notes refer to the new layer."""
    x, y, width, height = entry.bounds
    data = QByteArray(bytes(pixels.data))
    data = convert_pixels(data, width, height, entry.colour_space, IccTransform.of(document))
    layer = document.createNode(entry.title, "paintlayer")
    layer.setPixelData(data, x, y, width, height)
    insert_above_source(document, entry.source, layer)
    note = read_notes(document).get(entry.layer)
    if note is not None:
        write_note(document, node_id(layer), note)
    change_entry(document, entry.job, layer=node_id(layer))
