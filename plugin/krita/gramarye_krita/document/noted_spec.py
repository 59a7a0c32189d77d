"""Reads from the document's notes how a layer was painted, and from which layer."""

from __future__ import annotations

import zlib
from typing import Any, Tuple, Union

from gramarye_protocol.messages import Refused

from ..refusals import NO_NOTE, NOTE_DAMAGED
from .annotations import read_notes
from .nodes import find_node, node_id
from .paint_request import PaintSpec, spec_from_note


def read_noted_spec(document: Any, node: Any) -> Union[Tuple[PaintSpec, Any], Refused]:
    """Return a layer's `PaintSpec` and the layer it was painted from (itself if that one is gone)."""
    paint_spec = noted_spec_of(document, node_id(node)) if node else NO_NOTE
    if isinstance(paint_spec, Refused):
        return paint_spec
    source = read_notes(document)[node_id(node)].get("source", "")
    return paint_spec, find_node(document, source) or node


def noted_spec_of(document: Any, identity: str) -> Union[PaintSpec, Refused]:
    """Return the `PaintSpec` that was noted for the layer of that id."""
    note = read_notes(document).get(identity)
    if note is None:
        return NO_NOTE
    try:
        return spec_from_note(note)
    except (KeyError, ValueError, TypeError, zlib.error):
        return NOTE_DAMAGED
