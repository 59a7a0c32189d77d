"""Reads the layer to paint, then the masks of its regions, in pieces between events of the user interface."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, List, Tuple, Union

from gramarye_protocol.messages import Refused
from gramarye_protocol.pixels import PixelBuffer

from ..qt import QByteArray, QTimer
from .colour_profile import SRGB, IccTransform, convert_pixels
from .nodes import find_node
from .paint_request import RegionStyle
from .source import CHUNK_BYTES, PaintInput, Source, SourceReader

SRGB_U8 = IccTransform("RGBA", "U8", SRGB)

ReadCallback = Callable[[Union[PaintInput, Refused]], None]


class InputReader:
    """Reads a source and its regions; ``done`` is called with the pixels and masks, or with a refusal."""

    def __init__(self, source: Source, regions: Tuple[RegionStyle, ...], done: ReadCallback) -> None:
        self._source = source
        self._remaining: List[RegionStyle] = list(regions)
        self._done = done
        self._pixels: Union[PaintInput, Refused]
        self._data = bytearray()
        self._reader = SourceReader(source, self._layer_read)

    def _layer_read(self, pixels: Union[PaintInput, Refused]) -> None:
        self._pixels = pixels
        if isinstance(pixels, Refused):
            self._done(pixels)
        else:
            self._next()

    def _next(self) -> None:
        """Read the next rows of the next region; call ``done`` if no region is left."""
        assert not isinstance(self._pixels, Refused), "regions are read only after the layer"
        if not self._remaining:
            self._done(self._pixels)
            return
        region, bounds = self._remaining[0], self._source.bounds
        node = find_node(self._source.document, region.layer)
        if node is None:
            message = f"The layer {region.name}, which is a region, is no longer there."
            self._done(Refused("region-gone", message, "Remove the region, or add another."))
            return
        row = len(self._data) // bounds.width()
        count = min(max(1, CHUNK_BYTES // (8 * bounds.width())), bounds.height() - row)
        data = node.projectionPixelData(bounds.x(), bounds.y() + row, bounds.width(), count)
        self._data += alpha(data, bounds.width(), count, IccTransform.of(node))
        if row + count == bounds.height() and not self._finish_region(node.name()):
            return
        QTimer.singleShot(0, lambda: self._next())

    def _finish_region(self, name: str) -> bool:
        """Add the mask of a region that was read completely; refuse and return False if it is empty."""
        assert not isinstance(self._pixels, Refused), "regions are read only after the layer"
        data, self._data = self._data, bytearray()
        if data.count(0) == len(data):
            message = f"The layer {name}, which is a region, is empty where the painted layer is."
            self._done(Refused("region-empty", message, "Paint on it where you want the region, or remove the region."))
            return False
        bounds = self._source.bounds
        mask = PixelBuffer(bounds.width(), bounds.height(), "GRAY", "u8", data)
        self._pixels = replace(self._pixels, regions=(*self._pixels.regions, mask))
        del self._remaining[0]
        return True


def alpha(data: QByteArray, width: int, height: int, space: IccTransform) -> bytes:
    """Return the alpha of each pixel, one byte each."""
    if not space.is_supported or space.depth not in ("U8", "U16"):
        data, space = convert_pixels(data, width, height, space, SRGB_U8), SRGB_U8
    step = space.pixel_bytes
    return bytes(data)[step - 1 :: step]  # the last channel's high byte
