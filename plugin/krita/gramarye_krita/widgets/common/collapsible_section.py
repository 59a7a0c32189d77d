"""A section of the docker that is collapsed until its title is clicked."""

from __future__ import annotations

from typing import Callable

from ...qt import QSizePolicy, Qt, QToolButton, QVBoxLayout, QWidget


class CollapsibleSection(QWidget):
    """A title button with a collapsible ``body``; set `opened` and `closed` to be called after that."""

    def __init__(self, name: str, title: str, body: QWidget) -> None:
        super().__init__()
        self._title = title
        self._body = body
        self._makes_room = False
        self.opened: Callable[[], None] = lambda: None
        self.closed: Callable[[], None] = lambda: None
        self._head = QToolButton()
        self._head.setObjectName(name)
        self._head.setAutoRaise(True)
        self._head.setCheckable(True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._head.toggled.connect(self._toggle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._head)
        column.addWidget(body)
        self.set_count(0)
        self._toggle(False)

    def set_count(self, number: int) -> None:
        """Show in the title how many values or entries the section has."""
        self._head.setText(f"{self._title} ({number})" if number else self._title)

    def make_room(self, is_needed: bool) -> None:
        """Hide the body while others need its room, whether the section is open or not."""
        self._makes_room = is_needed
        self._body.setVisible(self._head.isChecked() and not is_needed)

    def _toggle(self, is_open: bool) -> None:
        self._head.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._body.setVisible(is_open and not self._makes_room)
        (self.opened if is_open else self.closed)()
