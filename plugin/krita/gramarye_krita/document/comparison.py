"""Compares paintings with the layer that they were painted from, by hiding the paintings for a while."""

from __future__ import annotations

from typing import Any, List, Tuple

from .annotations import paintings_of
from .nodes import find_node


class Comparison:
    """Hides the visible paintings of a layer between `begin` and `end`; neither is an undo step."""

    def __init__(self) -> None:
        self._hidden: List[Tuple[Any, str]] = []

    def begin(self, document: Any, source: str) -> None:
        """Hide the paintings of the layer ``source``."""
        self.end()
        for identity in paintings_of(document, source):
            node = find_node(document, identity)
            if node is not None and node.visible():
                self._hidden.append((document, identity))
                node.setVisible(False)
        _redraw(self._hidden)

    def end(self) -> None:
        """Show them again."""
        hidden, self._hidden = self._hidden, []
        for document, identity in hidden:
            node = find_node(document, identity)
            if node is not None:
                node.setVisible(True)
        _redraw(hidden)


def _redraw(hidden: List[Tuple[Any, str]]) -> None:
    for document, identity in hidden[:1]:
        if find_node(document, identity) is not None:
            document.refreshProjection()
