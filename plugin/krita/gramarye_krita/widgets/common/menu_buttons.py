"""Buttons with a menu of open layers or documents."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Tuple

from krita import Krita

from ...document.nodes import MASKS
from ...qt import QMenu, QToolButton
from ...translations import tr


def menu_button(name: str, text: str, fill: Callable[[QMenu], None]) -> QToolButton:
    """Return a button whose menu is filled by ``fill`` each time it opens."""
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)

    def refill() -> None:
        menu.clear()
        fill(menu)
        if not menu.actions():
            menu.addAction(tr("None open")).setEnabled(False)

    menu.aboutToShow.connect(refill)
    button.setMenu(menu)
    return button


def list_layers(menu: QMenu, chosen: Callable[[Any, Any], None]) -> None:
    """Add the active document's layers to the menu, in the order of Krita's docker.

    ``chosen`` is called with the document and the layer that the user picks.
    """
    document = Krita.instance().activeDocument()
    for depth, node in _layers(document.rootNode(), 0) if document else ():
        action = menu.addAction("    " * depth + node.name())
        action.triggered.connect(lambda _=False, node=node: chosen(document, node))


def _layers(parent: Any, depth: int) -> Iterator[Tuple[int, Any]]:
    """Yield the layers from the top, each with its depth in groups."""
    for node in reversed(parent.childNodes()):
        if node.type() not in MASKS:
            yield depth, node
            yield from _layers(node, depth + 1)
