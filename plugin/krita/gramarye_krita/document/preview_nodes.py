"""The nodes of the preview: a paint layer, and a vector layer that makes Krita redraw a part of the canvas.

In Krita's API only `Document.refreshProjection` redraws what `Node.setPixelData` has written: it redraws the whole
document and blocks the user interface, for half a second at 12 megapixels on two cores. A shape, however, can request
a part of the canvas, which Krita redraws in the background, as for a brush stroke. So the preview is a group of the
layer that shows the picture and a vector layer with one invisible shape.
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
"""Points, the unit of shapes, per inch."""


def open_scratch_document() -> Any:
    """Open a temporary document for `make_preview_group`, whose steps must not be undo steps of the user's document."""
    return Krita.instance().createDocument(1, 1, "", "RGBA", "U8", SRGB, POINTS_PER_INCH)


def make_preview_group(document: Any, other: Any) -> Any:
    """Return a locked, collapsed preview group, not yet inserted into the document; 8-bit sRGB, as previews are.

    ``other`` is the document from `open_scratch_document`; it is closed. Some document must be active.
    """
    # not the document's own layer: that one is opaque white wherever nothing has been written
    canvas = other.createNode(PREVIEW_NAME, "paintlayer").duplicate()
    shapes = document.createVectorLayer(REDRAW_LAYER_NAME)  # a vector layer refers to the document that made it
    other.rootNode().addChildNode(shapes, None)  # undo steps go to the document that contains the layer
    shapes.addShapesFromSvg(INVISIBLE_SVG)
    redraws = shapes.duplicate()
    group = document.createGroupLayer(PREVIEW_NAME)
    group.setChildNodes([canvas, redraws])
    other.close()  # not by a timer: Krita runs timers while it waits for a document, and would close it in the middle
    canvas.setName(PREVIEW_NAME)  # a duplicate's name is "Copy of ..."
    redraws.setName(REDRAW_LAYER_NAME)
    group.setPassThroughMode(True)  # avoids a projection of the document's size for the group
    group.setCollapsed(True)
    for node in (canvas, redraws, group):
        node.setLocked(True)
    return group


def is_preview_group(node: Any) -> bool:
    """Return whether a node is a preview group, and not something that the user has made of one."""
    layers = group_layers(node) if node.type() == "grouplayer" else None
    return layers is not None and (node.name(), layers[1].name()) == (PREVIEW_NAME, REDRAW_LAYER_NAME)


def group_layers(group: Any) -> Optional[Tuple[Any, Any]]:
    """Return the paint layer and the vector layer; None if the user has changed the group."""
    nodes = group.childNodes()
    return (nodes[0], nodes[1]) if [node.type() for node in nodes] == ["paintlayer", "vectorlayer"] else None


def replace_by_layer(group: Any, layer: Any) -> None:
    """Make ``layer`` the group's only child; this adds no undo step."""
    while [node.uniqueId() for node in group.childNodes()] != [layer.uniqueId()]:
        group.setChildNodes([layer])  # Krita 5.1 removes only the first child
    group.setPassThroughMode(False)
    group.setLocked(False)


def request_redraw(document: Any, shapes: Any, bounds: QRect) -> None:
    """Request a redraw of ``bounds`` (in pixels of the document); Krita does it in the background."""
    scale = POINTS_PER_INCH / document.xRes(), POINTS_PER_INCH / document.yRes()
    part = QRectF(bounds.x() * scale[0], bounds.y() * scale[1], bounds.width() * scale[0], bounds.height() * scale[1])
    for shape in shapes.shapes():
        shape.updateAbsolute(part)


def preview_image(pixels: PixelBuffer) -> QImage:
    """Convert a preview to an image for `scaled_rows`, with a copy of its pixels."""
    data = bytes(pixels.data)
    is_opaque = pixels.layout == "RGB"
    kind = QImage.Format.Format_RGB888 if is_opaque else QImage.Format.Format_RGBA8888
    image = QImage(data, pixels.width, pixels.height, pixels.width * pixels.channels, kind)
    return image.convertToFormat(QImage.Format.Format_RGB32 if is_opaque else QImage.Format.Format_ARGB32_Premultiplied)


def scaled_rows(picture: QImage, width: int, height: int, row: int, rows: int) -> QByteArray:
    """Return ``rows`` rows from ``row`` of the picture scaled to ``width`` x ``height``: B, G, R, A, 8 bits each."""
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
