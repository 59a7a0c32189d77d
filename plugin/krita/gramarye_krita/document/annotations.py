"""What each painted layer was painted with, stored in the document and saved with it."""

from __future__ import annotations

import json
from typing import Any, Dict, Set

from ..qt import QByteArray
from .nodes import is_open, layer_ids

ANNOTATION = "gramarye"
DESCRIPTION = "How Gramarye painted the layers of this document"


def read_notes(document: Any) -> Dict[str, Any]:
    """Layer's id -> note."""
    if ANNOTATION not in document.annotationTypes():
        return {}
    try:
        notes = json.loads(bytes(document.annotation(ANNOTATION)).decode("utf-8"))["paintings"]
    except (ValueError, KeyError, TypeError):  # another version's, or damaged
        return {}
    return notes if isinstance(notes, dict) else {}


def write_note(document: Any, identity: str, note: Dict[str, Any]) -> None:
    """Remember a layer's; those of layers that are gone stay, as an undo may bring them back."""
    if is_open(document):
        notes = {**read_notes(document), identity: note}
        text = json.dumps({"version": 1, "paintings": notes}).encode("utf-8")
        document.setAnnotation(ANNOTATION, DESCRIPTION, QByteArray(text))


def paintings_of(document: Any, source: str) -> Set[str]:
    """The ids of the layers that were painted from a layer and are still there."""
    here = layer_ids(document)
    return {identity for identity, note in read_notes(document).items() if note.get("source") == source} & here
