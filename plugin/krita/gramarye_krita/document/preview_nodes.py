"""What the preview is made of: a paint layer, and beside it a way to have Krita redraw a part of the canvas.

Of Krita's scripting interface, `Document.refreshProjection` alone redraws what `Node.setPixelData` has written: the
whole document, while the interface waits, half a second at 12 megapixels on two cores. A shape, though, may ask for a
part of the canvas, and that Krita redraws beside the interface, piece by piece, as for a brush stroke. So the preview
is a group of the layer that shows the picture and of a vector layer with one shape that nobody sees.
"""

from __future__ import annotations

from typing import Any, Optional, Tuple

from gramarye_protocol.pixels import PixelBuffer
from krita import Krita

from ..qt import QByteArray, QImage, QPainter, QRect, QRectF
from .colour_profile import SRGB

PREVIEW_NAME = "Gramarye preview"
REDRAW_LAYER_NAME = "Gramarye redraws the preview"
INVISIBLE_SVG = '<svg width="1px" height="1px"><path d="M 0 0 L 1 1" stroke="none" fill="none"/></svg>'
POINTS_PER_INCH = 72.0
"""To the inch, the unit of shapes."""


def open_scratch_document() -> Any:
    """A document to make a group in, for what would be a step to undo in the artist's own."""
    return Krita.instance().createDocument(1, 1, "", "RGBA", "U8", SRGB, POINTS_PER_INCH)


def make_preview_group(document: Any, other: Any) -> Any:
    """Locked and folded, not yet among the document's layers; its colours are sRGB of eight bits, as previews' are.

    ``other`` is a `open_scratch_document`, which is closed. Some document must be the active one.
    """
    canvas = other.rootNode().childNodes()[0].duplicate()
    canvas.setPixelData(QByteArray(bytes(4)), 0, 0, 1, 1)
    shapes = document.createVectorLayer(REDRAW_LAYER_NAME)  # a vector layer keeps hold of the document that made it
    other.rootNode().addChildNode(shapes, None)  # and a step to undo goes to the document that it is in
    shapes.addShapesFromSvg(INVISIBLE_SVG)
    redraws = shapes.duplicate()
    group = document.createGroupLayer(PREVIEW_NAME)
    group.setChildNodes([canvas, redraws])
    other.close()  # not later: Krita lets timers run while it waits for a document, and one would close it under way
    canvas.setName(PREVIEW_NAME)
    redraws.setName(REDRAW_LAYER_NAME)
    group.setPassThroughMode(True)  # no third picture of the document's size between the two and the rest
    group.setCollapsed(True)
    for node in (canvas, redraws, group):
        node.setLocked(True)
    return group


def group_layers(group: Any) -> Optional[Tuple[Any, Any]]:
    """The paint layer and the vector layer; None where the artist has taken it apart."""
    nodes = group.childNodes()
    return (nodes[0], nodes[1]) if [node.type() for node in nodes] == ["paintlayer", "vectorlayer"] else None


def replace_by_layer(group: Any, layer: Any) -> None:
    """Hold a finished layer alone, which is no step to undo."""
    while [node.uniqueId() for node in group.childNodes()] != [layer.uniqueId()]:
        group.setChildNodes([layer])  # takes only the first out, on 5.1
    group.setPassThroughMode(False)
    group.setLocked(False)


def request_redraw(document: Any, shapes: Any, bounds: QRect) -> None:
    """Ask for a part of the canvas, in pixels of the document; Krita does it when it has the time."""
    scale = POINTS_PER_INCH / document.xRes(), POINTS_PER_INCH / document.yRes()
    part = QRectF(bounds.x() * scale[0], bounds.y() * scale[1], bounds.width() * scale[0], bounds.height() * scale[1])
    for shape in shapes.shapes():
        shape.updateAbsolute(part)


def preview_image(pixels: PixelBuffer) -> QImage:
    """A preview for `scaled_rows`, with a copy of its pixels."""
    data = bytes(pixels.data)
    is_opaque = pixels.layout == "RGB"
    kind = QImage.Format.Format_RGB888 if is_opaque else QImage.Format.Format_RGBA8888
    image = QImage(data, pixels.width, pixels.height, pixels.width * pixels.channels, kind)
    return image.convertToFormat(QImage.Format.Format_RGB32 if is_opaque else QImage.Format.Format_ARGB32_Premultiplied)


def scaled_rows(picture: QImage, width: int, height: int, row: int, rows: int) -> QByteArray:
    """Rows of it at another size: B, G, R, A, eight bits each."""
    image = QImage(width, rows, picture.format())
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(0.0, -row, width, height), picture)
    painter.end()
    if picture.hasAlphaChannel():
        image = image.convertToFormat(QImage.Format.Format_ARGB32)
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    return QByteArray(bytes(bits))
