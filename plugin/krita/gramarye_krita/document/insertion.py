"""Inserts paintings into the document: above the layer that they were painted from, or above the active layer."""

from __future__ import annotations

from typing import Any

from ..qt import QTimer
from .annotations import paintings_of
from .nodes import MASKS, find_node, node_id

ABOVE_SOURCE, ABOVE_ACTIVE, REPLACE = "", "active", "replace"
"""Where a painting goes: above its source and the source's other paintings, directly above the active layer, or in
place of the source's pixels."""

SETTLE_MS = 150
"""Milliseconds after which Krita has activated a new layer and shows it as the undo step."""


def insert_above_source(document: Any, source_identity: str, node: Any) -> None:
    """Insert a node above the layer ``source_identity`` and its earlier paintings; on top of all if that is gone."""
    source = find_node(document, source_identity)
    parent = document.rootNode() if source is None else source.parentNode()
    _insert(document, parent, node, None if source is None else _topmost_painting(document, parent, source))


def insert_above_layer(document: Any, identity: str, node: Any) -> None:
    """Insert a node directly above a layer; on top of all layers if that is gone."""
    below = find_node(document, identity)
    while below is not None and below.type() in MASKS:
        below = below.parentNode()
    _insert(document, document.rootNode() if below is None else below.parentNode(), node, below)


def _insert(document: Any, parent: Any, node: Any, below: Any) -> None:
    """Insert a node. The active layer stays active, because the next brush stroke or painting is meant for it."""
    active = document.activeNode()
    parent.addChildNode(node, below)
    if active is not None:
        identity = node_id(active)
        QTimer.singleShot(SETTLE_MS, lambda: _activate(document, identity))


def _topmost_painting(document: Any, parent: Any, source: Any) -> Any:
    """Return the topmost node of the source and its paintings directly above it."""
    paintings = paintings_of(document, node_id(source))
    siblings = parent.childNodes()
    place = next(index for index, node in enumerate(siblings) if node_id(node) == node_id(source))
    while place + 1 < len(siblings) and node_id(siblings[place + 1]) in paintings:
        place += 1
    return siblings[place]


def _activate(document: Any, identity: str) -> None:
    node = find_node(document, identity)
    if node is not None:
        document.setActiveNode(node)
