"""Reads from the document's notes how a layer was painted, and from which layer."""

from __future__ import annotations

import zlib
from typing import Any, Dict, Tuple, Union

from gramarye_protocol.messages import Refused

from ..refusals import NO_NOTE, NOTE_DAMAGED
from .annotations import read_notes
from .nodes import find_node, node_id
from .paint_request import PaintSpec, spec_from_note


def read_noted_spec(document: Any, node: Any) -> Union[Tuple[PaintSpec, Any], Refused]:
    """Return a layer's `PaintSpec` and the layer it was painted from (itself if that one is gone)."""
    note = read_notes(document).get(node_id(node), {}) if node else {}
    paint_spec = _parse(note)
    if isinstance(paint_spec, Refused):
        return paint_spec
    return paint_spec, find_node(document, note.get("source", "")) or node


def noted_spec_of(document: Any, identity: str) -> Union[PaintSpec, Refused]:
    """Return the `PaintSpec` that was noted for the layer of that id."""
    return _parse(read_notes(document).get(identity, {}))


def _parse(note: Dict[str, Any]) -> Union[PaintSpec, Refused]:
    if not note:
        return NO_NOTE
    try:
        return spec_from_note(note)
    except (KeyError, ValueError, TypeError, zlib.error):
        return NOTE_DAMAGED
