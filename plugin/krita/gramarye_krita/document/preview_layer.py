"""The layer above the source in which the painting forms, and that becomes the painting."""

from __future__ import annotations

import time
from typing import Any, Callable, List, Optional

from gramarye_protocol.pixels import PixelBuffer
from krita import Krita

from ..qt import QByteArray, QImage, QTimer
from .annotations import painted_from
from .nodes import find, identities, identity_of, is_open
from .preview_nodes import as_image, band, become, layers_of, new_group, redraw, workshop
from .source import TURN, Source

BAND = 1 << 20
"""Bytes drawn at a time."""

SETTLED_AFTER = 150
"""Milliseconds after which Krita has made a new layer the active one, and names it as the step to undo."""

REST = 20.0
"""Times as long as drawing a picture took, the layer is left alone.

Krita then redraws the canvas for a few times as long, and an artist's Ctrl+Z during that time does nothing.
"""


class Preview:
    """One step to undo, from the first picture to the finished layer."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._has_begun = False
        self._identity = ""
        self._undo_text = ""
        self._known: frozenset[str] = frozenset()
        self._picture: Optional[QImage] = None
        self._row = 0
        self._began = 0.0
        self._rests_until = 0.0
        self._is_settling = False
        self._then: List[Callable[[], None]] = []
        self._is_over = False
        self.shown = 0
        """How many pictures were drawn."""

    @property
    def node(self) -> Optional[Any]:
        """The group; None before there is one, and where the artist has removed it."""
        return find(self._source.document, self._identity) if self._identity else None

    def begin(self) -> None:
        """Insert it, empty: the daemon has begun, and the first picture will want a place."""
        if not self._has_begun:
            self._has_begun = True
            QTimer.singleShot(0, self._make)

    def show(self, pixels: PixelBuffer) -> None:
        """Draw a picture, unless one is being drawn, or was a moment ago."""
        if self._is_over or self._picture is not None or time.monotonic() < self._rests_until:
            return
        self._picture, self._row = as_image(pixels), 0
        if self._identity:
            QTimer.singleShot(0, self._draw)

    def end(self, then: Callable[[], None]) -> None:
        """Show nothing more, and do ``then``: at once, or after an insertion under way, which lets events in."""
        self._is_over = True
        if self._is_settling:
            self._then.append(then)
        else:
            then()

    def remove(self) -> None:
        """Take it away, and with it the step to undo where nothing was done since."""
        node = self.node
        if node is not None and not self._undone():
            node.setLocked(False)
            node.remove()

    def finish(self, name: str, data: QByteArray) -> str:
        """Put the finished layer, of the document's own colour space, in its place; returns its identity.

        Where the artist has done something since, taking the preview out would be a step to undo of its own. Then the
        preview's group stays, and holds the finished layer alone.
        """
        document, bounds = self._source.document, self._source.bounds
        layer = document.createNode(name, "paintlayer")
        layer.setPixelData(data, bounds.x(), bounds.y(), bounds.width(), bounds.height())
        group = self.node
        if group is None or self._undone():
            self._place(layer)
            return identity_of(layer)
        if layers_of(group) is None:  # what the artist has put there must stay
            self._place(layer)
            return identity_of(layer)
        become(group, layer)
        group.setName(name)
        document.refreshProjection()
        return identity_of(group)

    def _make(self) -> None:
        """Opening and closing a document takes a twentieth of a second each, as the insertion may."""
        if self._is_over or not is_open(self._source.document) or Krita.instance().activeDocument() is None:
            return
        other = workshop()
        QTimer.singleShot(0, lambda: self._fill(other))

    def _fill(self, other: Any) -> None:
        if self._is_over or not is_open(self._source.document) or Krita.instance().activeDocument() is None:
            other.close()
            return
        group = new_group(self._source.document, other)
        QTimer.singleShot(0, lambda: self._insert(group))

    def _insert(self, group: Any) -> None:
        document = self._source.document
        if self._is_over or not is_open(document):
            return
        self._is_settling = True
        self._place(group)
        self._identity = identity_of(group)
        self._known = identities(document)
        QTimer.singleShot(SETTLED_AFTER, self._settle)
        if self._picture is not None:
            self._draw()

    def _settle(self) -> None:
        """Know what the step to undo is called while the insertion is the last one."""
        self._is_settling = False
        if self.node is not None:
            self._undo_text = _undo_text()
        for then in self._then:
            then()

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
        """The next rows of the picture, at the layer's size: as many as the interface may wait for."""
        picture, node = self._picture, self.node
        layers = None if node is None else layers_of(node)
        if self._is_over or picture is None or layers is None:
            self._picture = None
            return
        began = time.monotonic()
        if self._row == 0:
            self._began = began
        document, bounds = self._source.document, self._source.bounds
        width, height = bounds.width(), bounds.height()
        step = max(1, BAND // (4 * width))
        while self._row < height and time.monotonic() - began < TURN:
            rows = min(step, height - self._row)
            pixels = band(picture, width, height, self._row, rows)
            layers[0].setPixelData(pixels, bounds.x(), bounds.y() + self._row, width, rows)
            self._row += rows
        if self._row < height:
            QTimer.singleShot(0, self._draw)
            return
        redraw(document, layers[1], bounds)  # not rows: Krita would read the layer while it is written
        self._picture = None
        self.shown += 1
        now = time.monotonic()
        self._rests_until = now + REST * (now - self._began)

    def _undone(self) -> bool:
        """Undo its insertion, where that is the last thing that was done to the document."""
        document = self._source.document
        window = Krita.instance().activeWindow()
        is_active = Krita.instance().activeDocument() == document
        if window is None or not is_active or self._undo_text not in ("", _undo_text()):
            return False
        if identities(document) != self._known:
            return False
        document.waitForDone()  # while it redraws, Krita takes no undo
        Krita.instance().action("edit_undo").trigger()
        document.waitForDone()
        if self.node is None:
            return True
        Krita.instance().action("edit_redo").trigger()  # it was something else
        document.waitForDone()
        return False


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
