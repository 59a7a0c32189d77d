"""What a painted layer was painted with, and from, out of the document's notes."""

from __future__ import annotations

from typing import Any, Tuple, Union

from gramarye_protocol.messages import Refused

from ..paint_request import Order, order_of
from ..refusals import NO_NOTE, NOTE_DAMAGED
from .annotations import read_notes
from .nodes import find, identity_of


def noted_order(document: Any, node: Any) -> Union[Tuple[Order, Any], Refused]:
    """The order, and the layer that was painted, or where that has gone the painting."""
    note = read_notes(document).get(identity_of(node)) if node else None
    if note is None:
        return NO_NOTE
    try:
        return order_of(note), find(document, note.get("source", "")) or node
    except (KeyError, ValueError, TypeError):
        return NOTE_DAMAGED
