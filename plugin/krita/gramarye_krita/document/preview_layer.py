"""The preview layer above the source; it is replaced by the finished painting."""

from __future__ import annotations

import time
from typing import Any, Callable, List, Optional

from gramarye_protocol.pixels import PixelBuffer
from krita import Krita

from ..qt import QByteArray, QImage, QTimer
from .actions import trigger
from .colour_profile import IccTransform, convert_pixels
from .nodes import find_node, is_open, layer_ids, node_id
from .placement.insertion import ABOVE_ACTIVE, ABOVE_SOURCE, REPLACE, SETTLE_MS, insert_above_layer, insert_above_source
from .placement.replacement import can_replace, replace_pixels
from .preview_nodes import (
    group_layers,
    make_preview_group,
    open_scratch_document,
    preview_image,
    replace_by_layer,
    request_redraw,
    scaled_rows,
)
from .source import TIME_SLICE, Source

BAND_BYTES = 1 << 20
"""Bytes drawn between checks of the time slice."""

PAUSE_FACTOR = 20.0
"""After drawing a preview, no other is drawn for this many times the duration of the drawing.

Krita redraws the canvas for a few times that duration, and the user's Ctrl+Z has no effect meanwhile.
"""


class Preview:
    """The preview of one painting; preview and finished layer together are one undo step.

    ``placement`` says where the painting goes (`placement`); the preview is above the source or the active layer.
    """

    def __init__(self, source: Source, placement: str = ABOVE_SOURCE) -> None:
        self._source = source
        self._placement = placement
        active = source.document.activeNode()
        self._active = source.identity if active is None else node_id(active)
        self._has_begun = False
        self._group: Optional[Any] = None
        """The preview group until it is inserted."""
        self._identity = ""
        self._undo_text = ""
        self._known_layers: frozenset[str] = frozenset()
        self._picture: Optional[QImage] = None
        self._row = 0
        self._began = 0.0
        self._paused_until = 0.0
        self._is_settling = False
        self._on_settled: List[Callable[[], None]] = []
        self._is_over = False
        self.waits_for_document = False
        """Whether `finish_in_shown_document` has something to do."""
        self.shown = 0
        """Number of previews drawn."""

    @property
    def node(self) -> Optional[Any]:
        """The preview group; None before it is inserted and after the user has removed it."""
        return find_node(self._source.document, self._identity) if self._identity else None

    def begin(self) -> None:
        """Prepare the preview group, once the layer has been sent or the daemon has begun to paint.

        It is inserted with the first preview in it, because Krita takes as long to redraw for an empty group.
        """
        if not self._has_begun:
            self._has_begun = True
            QTimer.singleShot(0, self._open_scratch)

    def show(self, pixels: PixelBuffer) -> None:
        """Draw a preview; skipped while one is being drawn and during the pause after it."""
        if self._is_over or self._picture is not None or time.monotonic() < self._paused_until:
            return
        self._picture, self._row = preview_image(pixels), 0
        if self._identity or self._group is not None:
            QTimer.singleShot(0, self._draw)

    def end(self, then: Callable[[], None]) -> None:
        """Show no more previews and call ``then``, at once or when an insertion in progress has settled."""
        self._is_over, self._group = True, None
        if self._is_settling:
            self._on_settled.append(then)
        else:
            then()

    def remove(self) -> None:
        """Remove the preview; undo its insertion if the user has done nothing since.

        Otherwise the removal is an undo step, and undoing it brings back an empty, hidden and locked group.
        """
        node = self.node
        if node is not None and not self._undo_insertion():
            self._empty(node)
            node.setLocked(False)
            node.remove()
            node.setLocked(True)

    def finish(self, name: str, painting: PixelBuffer, mask: Optional[Any] = None) -> str:
        """Replace the preview by the finished painting, or the source's pixels; return the id of the layer or group.

        ``painting`` is in the source's `Source.space`. ``mask`` is a transparency mask for the new layer. If the user
        has done something since the preview was inserted, removing the preview would add an undo step. Then the preview
        group stays and holds only the finished layer. If the source cannot be replaced, the painting becomes a layer
        above it.
        """
        document, bounds, data = self._source.document, self._source.bounds, QByteArray(bytes(painting.data))
        replaced = self._replace_source(data) if self._placement == REPLACE else ""
        if replaced:
            return replaced
        layer = document.createNode(name, "paintlayer")
        width, height = bounds.width(), bounds.height()
        pixels = convert_pixels(data, width, height, self._source.space, IccTransform.of(document))
        layer.setPixelData(pixels, bounds.x(), bounds.y(), width, height)
        if mask is not None:
            layer.setChildNodes([mask])  # addChildNode would be an undo step
        group = self.node
        if group is None or self._undo_insertion():
            self._insert_node(layer)
            return node_id(layer)
        if group_layers(group) is None:  # keep what the user has put into the group
            self._insert_node(layer)
            return node_id(layer)
        is_behind = Krita.instance().activeDocument() != document
        self.waits_for_document = is_behind and layer_ids(document) == self._known_layers
        replace_by_layer(group, layer)
        group.setName(name)
        document.refreshProjection()
        if self.waits_for_document:
            self._known_layers = layer_ids(document)
        return node_id(group)

    def finish_in_shown_document(self) -> str:
        """Make the finished group a plain layer and one undo step, once its document is shown again; return its id.

        This cannot be done while another document is in front, because undo is the front document's. The id is empty if
        there is nothing to do, or if the user has done something since the preview was inserted.
        """
        group, document = self.node, self._source.document
        if not self.waits_for_document or group is None or Krita.instance().activeDocument() != document:
            return ""
        self.waits_for_document = False
        layer = group.childNodes()[0].duplicate()
        layer.setName(group.name())
        if not self._undo_insertion():
            return ""
        self._insert_node(layer)
        return node_id(layer)

    def _insert_node(self, node: Any) -> None:
        if self._placement == ABOVE_ACTIVE:
            insert_above_layer(self._source.document, self._active, node)
        else:
            insert_above_source(self._source.document, self._source.identity, node)

    def _replace_source(self, data: QByteArray) -> str:
        """Remove the preview and replace the source's pixels; return the new layer's id, empty if it cannot be done."""
        document = self._source.document
        node = find_node(document, self._source.identity)
        if node is None or not can_replace(document, node):
            return ""
        self.remove()
        return replace_pixels(self._source, node, data)

    def _empty(self, group: Any) -> None:
        """Make the preview transparent and hide it; neither is an undo step."""
        layers, bounds = group_layers(group), self._source.bounds
        if layers is None:  # the user has put something else into it
            return
        group.setVisible(False)
        rows = max(1, BAND_BYTES // (4 * bounds.width()))
        for row in range(0, bounds.height(), rows):
            count = min(rows, bounds.height() - row)
            nothing = QByteArray(bytes(4 * bounds.width() * count))
            layers[0].setPixelData(nothing, bounds.x(), bounds.y() + row, bounds.width(), count)

    def _open_scratch(self) -> None:
        """Open the scratch document. Each step is an event of its own, since it may take about 50 ms."""
        if self._is_over or not is_open(self._source.document) or Krita.instance().activeDocument() is None:
            return
        other = open_scratch_document()
        QTimer.singleShot(0, lambda: self._make_group(other))

    def _make_group(self, other: Any) -> None:
        if self._is_over or not is_open(self._source.document) or Krita.instance().activeDocument() is None:
            other.close()
            return
        self._group = make_preview_group(self._source.document, other)
        if self._picture is not None:
            QTimer.singleShot(0, self._draw)

    def _insert(self, group: Any) -> None:
        document = self._source.document
        self._is_settling, self._group = True, None
        self._insert_node(group)
        self._identity = node_id(group)
        self._known_layers = layer_ids(document)
        QTimer.singleShot(SETTLE_MS, self._note_undo_text)

    def _note_undo_text(self) -> None:
        """Record the text of the undo action while the insertion is the last step."""
        self._is_settling = False
        if self.node is not None:
            self._undo_text = _undo_text()
        for then in self._on_settled:
            then()

    def _draw(self) -> None:
        """Draw the next rows of the preview, scaled to the layer's size, for one time slice."""
        picture, group = self._picture, self._group or self.node
        layers = None if group is None or not is_open(self._source.document) else group_layers(group)
        if self._is_over or picture is None or layers is None:
            self._picture = None
            return
        began = time.monotonic()
        if self._row == 0:
            self._began = began
        document, bounds = self._source.document, self._source.bounds
        width, height = bounds.width(), bounds.height()
        step = max(1, BAND_BYTES // (4 * width))
        while self._row < height and time.monotonic() - began < TIME_SLICE:
            rows = min(step, height - self._row)
            pixels = scaled_rows(picture, width, height, self._row, rows)
            layers[0].setPixelData(pixels, bounds.x(), bounds.y() + self._row, width, rows)
            self._row += rows
        if self._row < height:
            QTimer.singleShot(0, self._draw)
            return
        if self._identity:
            request_redraw(document, layers[1], bounds)  # not by rows: Krita would read the layer while it is written
        else:
            self._insert(group)
        self._picture = None
        self.shown += 1
        now = time.monotonic()
        self._paused_until = now + PAUSE_FACTOR * (now - self._began)

    def _undo_insertion(self) -> bool:
        """Undo the insertion if it is the document's last undo step; return whether that was done."""
        document = self._source.document
        window = Krita.instance().activeWindow()
        is_active = Krita.instance().activeDocument() == document
        if window is None or not is_active or self._undo_text not in ("", _undo_text()):
            return False
        if layer_ids(document) != self._known_layers:
            return False
        trigger(document, "edit_undo")
        if self.node is None:
            return True
        trigger(document, "edit_redo")  # that was another step
        return False


def _undo_text() -> str:
    action = Krita.instance().action("edit_undo")
    text: str = action.text() if action is not None else ""
    return text
