"""The framed message below the settings: a painting's progress, or why something was refused."""

from __future__ import annotations

from typing import Callable

from gramarye_plugin.status_text import HelpAction, StatusMessage

from ..qt import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QStyle, Qt, QToolButton
from ..translations import tr

MESSAGE_LINES = 2
"""Lines for which there is always room, so that a message does not move the controls above it."""

ICON_SIZE = 16


class MessageBox(QFrame):
    """A message; that of a problem has an icon, a copy button, and the button that helps, which calls ``help``."""

    def __init__(self, help: Callable[[], None]) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        warning = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        self._icon = QLabel()
        self._icon.setPixmap(warning.pixmap(ICON_SIZE, ICON_SIZE))
        self._text = QLabel()
        self._text.setObjectName("gramarye_said")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setMinimumHeight(MESSAGE_LINES * self._text.fontMetrics().lineSpacing())
        self._copy = QToolButton()
        self._copy.setObjectName("gramarye_said_copy")
        self._copy.setText(tr("Copy"))
        self._copy.setAutoRaise(True)
        self._copy.clicked.connect(lambda: QApplication.clipboard().setText(self._text.text()))
        self._help = QPushButton()
        self._help.setObjectName("gramarye_said_help")
        self._help.clicked.connect(lambda: help())
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        row.addWidget(self._copy)
        row.addWidget(self._help)

    def show_message(self, message: StatusMessage, is_problem: bool) -> None:
        """Show a message, which may be empty."""
        self._text.setText(message.sentence)
        self._icon.setVisible(is_problem)
        self._copy.setVisible(is_problem)
        self._help.setVisible(message.help is not HelpAction.NOTHING)
        self._help.setText(tr(message.help.value))
