"""The layer to paint: its bounds, and its pixels in a format for the daemon, read a few rows at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Callable, Optional, Tuple, Union

from gramarye_protocol.messages import Refused
from gramarye_protocol.pixels import PixelBuffer

from ..qt import QRect, QTimer
from .colour_profile import DEPTHS, IccTransform, convert_pixels, profile_bytes
from .nodes import MASKS, find_node, node_id

CHUNK_BYTES, CONVERTED_CHUNK_BYTES = 2 << 20, 32 << 20
"""Bytes read at a time; more with conversion, because each conversion creates a document."""

TIME_SLICE = 0.01
"""Seconds of work after which the user interface runs again."""

MIN_SIDE = 16
"""Smallest side in pixels that the network accepts."""


@dataclass(frozen=True)
class Source:
    """The part ``bounds`` of a layer, to be painted; within the document's selection if ``is_selected``."""

    document: Any
    identity: str
    name: str
    native_space: IccTransform
    space: IccTransform
    """The colour space of the pixels that are sent."""

    bounds: QRect
    is_selected: bool
    is_animated: bool = False
    """Whether the layer has frames, of which the shown one is painted."""

    @property
    def is_converted(self) -> bool:
        """Whether the pixels are converted to another colour space."""
        return self.space != self.native_space


def select_source(document: Any, node: Any) -> Union[Source, Refused]:
    """Return the part of ``node`` to paint, or a `Refused` that says why there is none."""
    if node.type() in MASKS:
        return Refused("layer-kind", f"{node.name()} is a mask, which has no colours.", "Choose the layer it is on.")
    if node.type() == "filterlayer":
        message = f"{node.name()} is a filter layer, which has no pixels of its own."
        return Refused("layer-kind", message, "Choose a paint layer, or a group.")
    bounds = document.bounds() if node.type() == "filllayer" else node.bounds()  # a fill layer is unbounded
    if bounds.isEmpty():
        return Refused("layer-empty", f"There is nothing on {node.name()}.", "Choose a layer with something on it.")
    selection = document.selection()
    if selection is not None:
        bounds = bounds.intersected(QRect(selection.x(), selection.y(), selection.width(), selection.height()))
        if bounds.isEmpty():
            return Refused(
                "selection-empty", f"Nothing of {node.name()} is selected.", "Select some of it, or deselect all."
            )
    if min(bounds.width(), bounds.height()) < MIN_SIDE:
        message = f"{bounds.width()} x {bounds.height()} pixels are too small to paint."
        return Refused("layer-too-small", message, f"Each side needs at least {MIN_SIDE} pixels.")
    native_space, sent = IccTransform.of(node), IccTransform.of(document).nearest_supported
    return Source(
        document,
        node_id(node),
        node.name(),
        native_space,
        sent,
        bounds,
        is_selected=selection is not None,
        is_animated=node.animated(),
    )


@dataclass(frozen=True)
class PaintInput:
    """The pixels read: the layer, the selection's mask, and the regions' masks."""

    layer: PixelBuffer
    mask: Optional[PixelBuffer]
    regions: Tuple[PixelBuffer, ...] = ()


class SourceReader:
    """Reads a source in pieces between events; ``done`` is called with the pixels, or with a refusal.

    The layer is looked up by its id for every piece, because it or its document may be gone by then.
    """

    def __init__(self, source: Source, done: Callable[[Union[PaintInput, Refused]], None]) -> None:
        self._source = source
        self._done = done
        self._data = bytearray()
        self._mask = _selection_mask(source) if source.is_selected else None
        self._row = 0
        rows = CONVERTED_CHUNK_BYTES if source.is_converted else CHUNK_BYTES
        self._step = max(1, rows // (8 * source.bounds.width()))
        QTimer.singleShot(0, self._next)

    def _next(self) -> None:
        node = find_node(self._source.document, self._source.identity)
        if node is None:
            message = f"{self._source.name} was removed while it was being read."
            self._done(Refused("layer-gone", message, "Choose another layer."))
            return
        bounds, began = self._source.bounds, time.monotonic()
        while self._row < bounds.height() and time.monotonic() - began < TIME_SLICE:
            count = min(self._step, bounds.height() - self._row)
            self._data += self._rows(node, bounds.y() + self._row, count)
            self._row += count
        if self._row < bounds.height():
            QTimer.singleShot(0, self._next)
        else:
            self._done(PaintInput(self._layer(), self._mask))

    def _rows(self, node: Any, y: int, count: int) -> bytes:
        bounds = self._source.bounds
        is_plain = node.type() == "paintlayer" and not node.childNodes()
        read = node.pixelData if is_plain else node.projectionPixelData
        data = read(bounds.x(), y, bounds.width(), count)
        return bytes(convert_pixels(data, bounds.width(), count, self._source.native_space, self._source.space))

    def _layer(self) -> PixelBuffer:
        bounds, space = self._source.bounds, self._source.space
        return PixelBuffer(
            bounds.width(),
            bounds.height(),
            space.layout,
            DEPTHS[space.depth],
            self._data,
            profile_bytes(space),
            (bounds.x(), bounds.y()),
        )


def _selection_mask(source: Source) -> PixelBuffer:
    """Return how much of each pixel is selected, as GRAY u8."""
    bounds = source.bounds
    data = source.document.selection().pixelData(bounds.x(), bounds.y(), bounds.width(), bounds.height())
    return PixelBuffer(bounds.width(), bounds.height(), "GRAY", "u8", bytes(data))
