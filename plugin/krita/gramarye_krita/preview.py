"""The layer above the source in which the painting forms, and that becomes the painting."""

from __future__ import annotations

import time
from typing import Any, Optional

from gramarye_protocol.pixels import PixelBuffer
from krita import Krita

from .colours import SRGB, Space
from .nodes import find, identities, identity_of, is_open
from .notes import painted_from
from .qt import QByteArray, QImage, QPainter, QRectF, QTimer
from .source import Source

NAME = "Gramarye preview"
BAND = 2 << 20
"""Bytes drawn at a time: the interface has its turn in between."""

SETTLED_AFTER = 150
"""Milliseconds after which Krita has made a new layer the active one, and names it as the step to undo."""

REST = 3.0
"""Times as long as showing a picture took, the canvas is left alone."""


class Preview:
    """One step to undo, from the first picture to the finished layer."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._identity = ""
        self._undo_text = ""
        self._known: frozenset[str] = frozenset()
        self._picture: Optional[QImage] = None
        self._row = 0
        self._began = 0.0
        self._rests_until = 0.0
        self._is_over = False
        self.shown = 0
        """How many pictures the canvas has shown."""

    @property
    def node(self) -> Optional[Any]:
        """The layer; None before there is one, and where the artist has removed it."""
        return find(self._source.document, self._identity) if self._identity else None

    def show(self, pixels: PixelBuffer) -> None:
        """Show a picture, unless one is being shown, or was a moment ago."""
        if self._is_over or self._picture is not None or time.monotonic() < self._rests_until:
            return
        if not is_open(self._source.document):
            return
        if not self._identity:
            self._insert()
        elif self.node is None:
            return
        kind = QImage.Format.Format_RGB888 if pixels.layout == "RGB" else QImage.Format.Format_RGBA8888
        data = bytes(pixels.data)
        image = QImage(data, pixels.width, pixels.height, pixels.width * pixels.channels, kind)
        self._picture = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # a copy of its own
        self._row, self._began = 0, time.monotonic()
        QTimer.singleShot(0, self._draw)

    def remove(self) -> None:
        """Take it away, and with it the step to undo where nothing was done since."""
        self._is_over = True
        node = self.node
        if node is not None and not self._undone():
            node.setLocked(False)
            node.remove()

    def finish(self, name: str, data: QByteArray) -> str:
        """Make it the finished layer, of the document's own colour space; returns its identity."""
        self._is_over = True
        document, bounds = self._source.document, self._source.bounds
        node = self.node
        if node is None or Space.of(node) != Space.of(document):
            self.remove()
            node = document.createNode(name, "paintlayer")
            node.setPixelData(data, bounds.x(), bounds.y(), bounds.width(), bounds.height())
            self._place(node)
        else:
            node.setLocked(False)
            node.setName(name)
            node.setPixelData(data, bounds.x(), bounds.y(), bounds.width(), bounds.height())
            document.refreshProjection()
        return identity_of(node)

    def _insert(self) -> None:
        node = _empty_layer(self._source)
        node.setName(NAME)
        node.setLocked(True)
        self._place(node)
        self._identity = identity_of(node)
        self._known = identities(self._source.document)
        QTimer.singleShot(SETTLED_AFTER, self._remember)

    def _remember(self) -> None:
        """What the step to undo is called while the insertion is the last one."""
        if self.node is not None:
            self._undo_text = _undo_text()

    def _place(self, node: Any) -> None:
        """Above the source and its earlier paintings, in its group; on top of all where the source is gone.

        What was active stays so: the next brush stroke, or painting, is meant for that.
        """
        document = self._source.document
        active = document.activeNode()
        source = find(document, self._source.identity)
        parent = document.rootNode() if source is None else source.parentNode()
        parent.addChildNode(node, None if source is None else _crown(document, parent, source))
        if active is not None:
            identity = identity_of(active)
            QTimer.singleShot(SETTLED_AFTER, lambda: _activate(document, identity))

    def _draw(self) -> None:
        """The next rows of the picture, at the layer's size."""
        node, picture = self.node, self._picture
        if self._is_over or node is None or picture is None:
            self._picture = None
            return
        bounds = self._source.bounds
        width = bounds.width()
        rows = min(max(1, BAND // (4 * width)), bounds.height() - self._row)
        band = QImage(width, rows, QImage.Format.Format_ARGB32_Premultiplied)
        band.fill(0)
        painter = QPainter(band)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0.0, -self._row, width, bounds.height()), picture)
        painter.end()
        band = band.convertToFormat(QImage.Format.Format_ARGB32)  # B, G, R, A in memory, as Krita's
        bits = band.constBits()
        bits.setsize(band.sizeInBytes())
        node.setPixelData(QByteArray(bytes(bits)), bounds.x(), bounds.y() + self._row, width, rows)
        self._row += rows
        if self._row < bounds.height():
            QTimer.singleShot(0, self._draw)
            return
        self._picture = None
        self.shown += 1
        began = time.monotonic()
        self._source.document.refreshProjection()
        self._rests_until = time.monotonic() + REST * (time.monotonic() - began)

    def _undone(self) -> bool:
        """Undo its insertion, where that is the last thing that was done to the document."""
        document = self._source.document
        window = Krita.instance().activeWindow()
        is_active = Krita.instance().activeDocument() == document
        if window is None or not is_active or self._undo_text not in ("", _undo_text()):
            return False
        if identities(document) != self._known:
            return False
        Krita.instance().action("edit_undo").trigger()
        document.waitForDone()
        if self.node is None:
            return True
        Krita.instance().action("edit_redo").trigger()  # it was something else
        document.waitForDone()
        return False


def _empty_layer(source: Source) -> Any:
    """A layer of eight bits in sRGB, as previews are.

    Where the source's document has another space, it comes from one of its own: a conversion would be a step to undo.
    """
    here = Space.of(source.document)
    wanted = Space("RGBA", "U8", SRGB)
    if here == wanted:
        return source.document.createNode(NAME, "paintlayer")
    other = Krita.instance().createDocument(1, 1, "", wanted.model, wanted.depth, wanted.profile, 72.0)
    try:
        node = other.rootNode().childNodes()[0].duplicate()
        node.setPixelData(QByteArray(bytes(4)), 0, 0, 1, 1)
        return node
    finally:
        other.close()


def _crown(document: Any, parent: Any, source: Any) -> Any:
    """The topmost of the source and the paintings of it that lie right above."""
    paintings = painted_from(document, identity_of(source))
    siblings = parent.childNodes()
    place = next(index for index, node in enumerate(siblings) if identity_of(node) == identity_of(source))
    while place + 1 < len(siblings) and identity_of(siblings[place + 1]) in paintings:
        place += 1
    return siblings[place]


def _activate(document: Any, identity: str) -> None:
    node = find(document, identity)
    if node is not None:
        document.setActiveNode(node)


def _undo_text() -> str:
    action = Krita.instance().action("edit_undo")
    text: str = action.text() if action is not None else ""
    return text
