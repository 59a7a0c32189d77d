"""Reads from the document's notes how a layer was painted, and from which layer."""

from __future__ import annotations

from typing import Any, Tuple, Union

from gramarye_protocol.messages import Refused

from ..refusals import NO_NOTE, NOTE_DAMAGED
from .annotations import read_notes
from .nodes import find_node, node_id
from .paint_request import PaintSpec, spec_from_note


def read_noted_spec(document: Any, node: Any) -> Union[Tuple[PaintSpec, Any], Refused]:
    """Return a layer's `PaintSpec` and the layer it was painted from (itself if that one is gone)."""
    note = read_notes(document).get(node_id(node)) if node else None
    if note is None:
        return NO_NOTE
    try:
        return spec_from_note(note), find_node(document, note.get("source", "")) or node
    except (KeyError, ValueError, TypeError):
        return NOTE_DAMAGED
