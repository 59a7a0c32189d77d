"""Removes previews from documents that were saved while they were painted."""

from __future__ import annotations

from typing import Any, List

from ..qt import QTimer
from .nodes import descendants, is_open
from .preview_nodes import is_preview_group


def remove_saved_previews(document: Any) -> None:
    """Remove all preview groups of a document in which nothing is painted; this does not make it modified."""
    groups: List[Any] = [node for node in descendants(document.rootNode()) if is_preview_group(node)]
    was_modified = document.modified()
    for group in groups:
        group.setLocked(False)
        group.remove()
    if groups:
        document.refreshProjection()
        document.waitForDone()
        QTimer.singleShot(0, lambda: _set_modified(document, was_modified))  # Krita notes the removal in a later event


def _set_modified(document: Any, is_modified: bool) -> None:
    if is_open(document):
        document.setModified(is_modified)
