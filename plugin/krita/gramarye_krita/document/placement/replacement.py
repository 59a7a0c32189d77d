"""Replaces a layer's pixels by a painting, as one undo step.

Krita's API writes pixels without an undo step, and cannot make one step of several. Krita's own action "Convert to a
Paint Layer", however, puts a copy in a layer's place, and that is one step. The painting is written into the copy: an
undo brings the layer back, a redo the copy with the painting.
"""

from __future__ import annotations

from typing import Any

from krita import Krita

from ...qt import QByteArray, QRect
from ..actions import trigger
from ..colour_profile import IccTransform, convert_pixels
from ..nodes import node_id
from ..source import Source

ACTION = "convert_to_paint_layer"


def can_replace(document: Any, node: Any) -> bool:
    """Return whether a layer can be replaced: a plain paint layer of the document in front, which is not locked."""
    is_plain = node.type() == "paintlayer" and not node.childNodes() and not node.animated() and not node.locked()
    return bool(is_plain and Krita.instance().activeDocument() == document and Krita.instance().action(ACTION))


def replace_pixels(source: Source, node: Any, data: QByteArray) -> str:
    """Replace the layer ``node`` by a copy with the painting; return the copy's id, or an empty text if that failed.

    ``data`` is in the colour space that was sent. Outside the selection the layer stays as it is.
    """
    document, bounds, space = source.document, source.bounds, IccTransform.of(node)
    painted = convert_pixels(data, bounds.width(), bounds.height(), source.space, space)
    if source.is_selected:
        kept = node.pixelData(bounds.x(), bounds.y(), bounds.width(), bounds.height())
        painted = _paint_over(kept, painted, bounds, space)
    parent, label = node.parentNode(), node.colorLabel()
    known = {node_id(sibling) for sibling in parent.childNodes()}
    document.setActiveNode(node)
    trigger(document, ACTION)
    copy = next((sibling for sibling in parent.childNodes() if node_id(sibling) not in known), None)
    if copy is None:
        return ""
    copy.setColorLabel(label)
    copy.setPixelData(painted, bounds.x(), bounds.y(), bounds.width(), bounds.height())
    document.refreshProjection()
    return node_id(copy)


def _paint_over(kept: QByteArray, painted: QByteArray, bounds: QRect, space: IccTransform) -> QByteArray:
    """Return ``painted`` over ``kept``, with the alpha of ``kept``, blended by Krita in a temporary document."""
    width, height = bounds.width(), bounds.height()
    document = Krita.instance().createDocument(width, height, "", space.model, space.depth, space.profile, 72.0)
    try:
        document.setBatchmode(True)
        root = document.rootNode()
        root.childNodes()[0].setPixelData(kept, 0, 0, width, height)
        above = document.createNode("painted", "paintlayer")
        above.setPixelData(painted, 0, 0, width, height)
        above.setInheritAlpha(True)
        root.addChildNode(above, None)
        document.refreshProjection()
        document.waitForDone()
        return document.pixelData(0, 0, width, height)
    finally:
        document.close()
