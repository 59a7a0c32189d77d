"""Inserts paintings into the document: above the layer that they were painted from, or above the active layer."""

from __future__ import annotations

from typing import Any

from ...qt import QTimer
from ..annotations import paintings_of
from ..nodes import MASKS, find_node, node_id

ABOVE_SOURCE, ABOVE_ACTIVE, MASKED, REPLACE = "", "active", "masked", "replace"
"""Where a painting goes: above its source and the source's other paintings, directly above the active layer, above the
source with the selection as the layer's mask, or in place of the source's pixels."""

SETTLE_MS = 150
"""Milliseconds after which Krita shows a new layer as the undo step."""

POLL_MS, POLLS = 50, 30
"""Milliseconds between two checks whether Krita has activated a new layer, and the number of checks."""


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
        active_id, inserted_id = node_id(active), node_id(node)
        QTimer.singleShot(POLL_MS, lambda: _restore_active(document, active_id, inserted_id, POLLS))


def _topmost_painting(document: Any, parent: Any, source: Any) -> Any:
    """Return the topmost node of the source and its paintings directly above it."""
    paintings = paintings_of(document, node_id(source))
    siblings = parent.childNodes()
    place = next(index for index, node in enumerate(siblings) if node_id(node) == node_id(source))
    while place + 1 < len(siblings) and node_id(siblings[place + 1]) in paintings:
        place += 1
    return siblings[place]


def _restore_active(document: Any, active_id: str, inserted_id: str, polls: int) -> None:
    """Activate the layer that was active, once Krita has activated the inserted one."""
    node = find_node(document, active_id)
    if node is None:
        return
    active = document.activeNode()
    if active is not None and node_id(active) == inserted_id:
        document.setActiveNode(node)
    elif polls:
        QTimer.singleShot(POLL_MS, lambda: _restore_active(document, active_id, inserted_id, polls - 1))
