"""The document's history: its finished paintings, listed in an annotation of the document and saved with it.

The daemon keeps the paintings' pixels under the names of their jobs; the annotation holds what is needed to insert one
again, and a thumbnail of it. Their styles and recipes are in the notes of their layers (`annotations`).
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Dict, Tuple

from ..qt import QBuffer, QByteArray, QImage, QIODevice, QPainter, QRect, Qt
from .colour_profile import IccTransform
from .nodes import is_open, node_id
from .source import Source

ANNOTATION = "gramarye-history"
DESCRIPTION = "The paintings that Gramarye has made in this document"
MAX_ENTRIES = 60
"""Paintings that are listed; the oldest that are not favourites are dropped first."""

THUMBNAIL_SIDE = 160
"""Longest side of a thumbnail in pixels."""

JPEG_QUALITY = 85


@dataclass(frozen=True)
class HistoryEntry:
    """A finished painting.

    ``job`` is its name at the daemon; ``layer`` and ``source`` are the ids of its layer and of the layer that was
    painted. ``bounds`` are x, y, width and height in pixels of the document, ``space`` is the colour space of the
    daemon's pixels, ``thumbnail`` a JPEG file in base64.
    """

    job: str
    layer: str
    source: str
    title: str
    bounds: Tuple[int, int, int, int]
    space: Tuple[str, str, str]
    thumbnail: str
    is_favourite: bool = False

    @property
    def image(self) -> QImage:
        """The thumbnail; a null image if it is damaged."""
        return QImage.fromData(base64.b64decode(self.thumbnail))

    @property
    def colour_space(self) -> IccTransform:
        """The colour space of the pixels that the daemon keeps."""
        return IccTransform(*self.space)


def entry_of(source: Source, job: str, title: str, layer: Any) -> HistoryEntry:
    """Return the entry of a painting that was just inserted as ``layer``, which may be a group of one layer."""
    bounds = source.bounds
    pictured = layer.childNodes()[0] if layer.type() == "grouplayer" else layer
    return HistoryEntry(
        job,
        node_id(layer),
        source.identity,
        title,
        (bounds.x(), bounds.y(), bounds.width(), bounds.height()),
        (source.space.model, source.space.depth, source.space.profile),
        _thumbnail(pictured, bounds),
    )


def read_history(document: Any) -> Tuple[HistoryEntry, ...]:
    """Return the document's paintings, the newest first; empty if there are none or the list is damaged."""
    if document is None or ANNOTATION not in document.annotationTypes():
        return ()
    try:
        kept = json.loads(bytes(document.annotation(ANNOTATION)).decode("utf-8"))["paintings"]
        return tuple(_read_entry(entry) for entry in kept)
    except (ValueError, KeyError, TypeError):  # damaged, or of another version
        return ()


def add_entry(document: Any, entry: HistoryEntry) -> None:
    """Put a painting first; one of the same job is replaced."""
    others = [other for other in read_history(document) if other.job != entry.job]
    entries = [entry, *others]
    while len(entries) > MAX_ENTRIES:
        plain = [place for place, each in enumerate(entries) if not each.is_favourite]
        del entries[plain[-1] if plain else -1]
    _write(document, entries)


def change_entry(document: Any, job: str, **values: Any) -> None:
    """Change values of a painting in its place; nothing happens if it is not listed."""
    _write(document, [replace(e, **values) if e.job == job else e for e in read_history(document)])


def discard_entry(document: Any, job: str) -> None:
    """Remove a painting from the list; its layer stays."""
    _write(document, [entry for entry in read_history(document) if entry.job != job])


def _write(document: Any, entries: Any) -> None:
    if is_open(document):
        text = json.dumps({"version": 1, "paintings": [asdict(entry) for entry in entries]}).encode("utf-8")
        document.setAnnotation(ANNOTATION, DESCRIPTION, QByteArray(text))


def _read_entry(entry: Dict[str, Any]) -> HistoryEntry:
    x, y, width, height = (int(value) for value in entry["bounds"])
    model, depth, profile = (str(value) for value in entry["space"])
    base64.b64decode(entry["thumbnail"])  # raises ValueError if it is damaged
    return HistoryEntry(
        str(entry["job"]),
        str(entry["layer"]),
        str(entry["source"]),
        str(entry["title"]),
        (x, y, width, height),
        (model, depth, profile),
        str(entry["thumbnail"]),
        bool(entry.get("is_favourite", False)),
    )


def _thumbnail(layer: Any, bounds: QRect) -> str:
    """Return a JPEG of the layer in base64, with white where it is transparent."""
    scale = min(1.0, THUMBNAIL_SIDE / max(bounds.width(), bounds.height()))
    image = layer.thumbnail(max(1, round(bounds.width() * scale)), max(1, round(bounds.height() * scale)))
    opaque = QImage(image.size(), QImage.Format.Format_RGB32)
    opaque.fill(Qt.GlobalColor.white)
    painter = QPainter(opaque)
    painter.drawImage(0, 0, image)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    opaque.save(buffer, "JPG", JPEG_QUALITY)
    return base64.b64encode(bytes(buffer.data())).decode("ascii")
