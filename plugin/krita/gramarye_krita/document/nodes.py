"""Finding layers again: a handle kept from a document since closed crashes Krita, so only ids are kept."""

from __future__ import annotations

from typing import Any, Iterator, Optional

from krita import Krita

MASKS = ("transparencymask", "filtermask", "transformmask", "selectionmask", "colorizemask")


def is_open(document: Any) -> bool:
    """Whether a document can still be touched."""
    return any(document == other for other in Krita.instance().documents())


def descendants(node: Any) -> Iterator[Any]:
    """A node's descendants, depth first."""
    for child in node.childNodes():
        yield child
        yield from descendants(child)


def find_node(document: Any, identity: str) -> Optional[Any]:
    """The layer of that id; None where it, or the document, is no more."""
    if not is_open(document):
        return None
    return next((node for node in descendants(document.rootNode()) if node.uniqueId().toString() == identity), None)


def node_id(node: Any) -> str:
    """What `find_node` finds it by; it is saved with the document."""
    text: str = node.uniqueId().toString()
    return text


def layer_ids(document: Any) -> frozenset[str]:
    """Of all layers; masks, the selection's among them, come and go with other things."""
    return frozenset(node_id(node) for node in descendants(document.rootNode()) if node.type() not in MASKS)
