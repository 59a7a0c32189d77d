"""Finds layers by id. The plugin keeps only ids, because using a node of a closed document crashes Krita."""

from __future__ import annotations

from typing import Any, Iterator, Optional

from krita import Krita

MASKS = ("transparencymask", "filtermask", "transformmask", "selectionmask", "colorizemask")


def is_open(document: Any) -> bool:
    """Return whether a document is still open."""
    return any(document == other for other in Krita.instance().documents())


def descendants(node: Any) -> Iterator[Any]:
    """Yield a node's descendants, depth first."""
    for child in node.childNodes():
        yield child
        yield from descendants(child)


def find_node(document: Any, identity: str) -> Optional[Any]:
    """Return the layer with that id; None if it was removed or the document was closed."""
    if not is_open(document):
        return None
    return next((node for node in descendants(document.rootNode()) if node.uniqueId().toString() == identity), None)


def node_id(node: Any) -> str:
    """Return a layer's id, for `find_node`; Krita saves it with the document."""
    text: str = node.uniqueId().toString()
    return text


def layer_ids(document: Any) -> frozenset[str]:
    """Return the ids of all layers except masks, because Krita adds and removes some itself, e.g. for selections."""
    return frozenset(node_id(node) for node in descendants(document.rootNode()) if node.type() not in MASKS)
