"""Styles from open layers and documents, read when they are needed."""

from __future__ import annotations

from typing import Any, Callable, Union

from gramarye_plugin.settings import ChosenStyle
from gramarye_protocol.messages import Refused
from gramarye_protocol.pixels import PixelBuffer

from ..qt import QRect
from .colour_profile import DEPTHS, IccTransform, convert_pixels, profile_bytes
from .nodes import MASKS, find_node, is_open

STYLE_GONE = Refused("style-gone", "The layer or document chosen as style is no longer there.", "Choose another style.")


def layer_style(document: Any, identity: str) -> Union[ChosenStyle, Refused]:
    """Return a layer, as it is displayed, as a style."""
    node = find_node(document, identity)
    if node is None:
        return STYLE_GONE
    bounds = node.bounds()
    if node.type() in MASKS or bounds.isEmpty():
        return Refused("layer-empty", f"There is nothing on {node.name()}.", "Choose another style.")
    return ChosenStyle(node.name(), picture=_read(bounds, IccTransform.of(node), node.projectionPixelData))


def document_style(document: Any) -> Union[ChosenStyle, Refused]:
    """Return a document, with all layers merged, as a style."""
    if not is_open(document):
        return STYLE_GONE
    bounds = document.bounds()
    return ChosenStyle(document_title(document), picture=_read(bounds, IccTransform.of(document), document.pixelData))


def document_title(document: Any) -> str:
    """Return a document's name, or its file's name, for display."""
    name: str = document.name() or document.fileName().replace("\\", "/").rsplit("/", 1)[-1]
    return name or "untitled"


def _read(bounds: QRect, native_space: IccTransform, read: Callable[[int, int, int, int], Any]) -> PixelBuffer:
    width, height, space = bounds.width(), bounds.height(), native_space.nearest_supported
    data = convert_pixels(read(bounds.x(), bounds.y(), width, height), width, height, native_space, space)
    return PixelBuffer(width, height, space.layout, DEPTHS[space.depth], bytes(data), profile_bytes(space))
