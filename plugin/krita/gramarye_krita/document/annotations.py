"""Notes on how each layer was painted, stored in an annotation of the document and saved with it."""

from __future__ import annotations

import json
from typing import Any, Dict, Set

from ..qt import QByteArray
from .nodes import is_open, layer_ids

ANNOTATION = "gramarye"
DESCRIPTION = "How Gramarye painted the layers of this document"


def read_notes(document: Any) -> Dict[str, Any]:
    """Return the notes by layer id; empty if there are none or they are damaged."""
    if ANNOTATION not in document.annotationTypes():
        return {}
    try:
        notes = json.loads(bytes(document.annotation(ANNOTATION)).decode("utf-8"))["paintings"]
    except (ValueError, KeyError, TypeError):  # damaged, or of another version
        return {}
    return notes if isinstance(notes, dict) else {}


def write_note(document: Any, identity: str, note: Dict[str, Any]) -> None:
    """Store a layer's note. Notes of removed layers are kept, because an undo may bring the layers back."""
    if is_open(document):
        notes = {**read_notes(document), identity: note}
        text = json.dumps({"version": 1, "paintings": notes}).encode("utf-8")
        document.setAnnotation(ANNOTATION, DESCRIPTION, QByteArray(text))


def paintings_of(document: Any, source: str) -> Set[str]:
    """Return the ids of the document's layers that were painted from the layer ``source``."""
    here = layer_ids(document)
    return {identity for identity, note in read_notes(document).items() if note.get("source") == source} & here
