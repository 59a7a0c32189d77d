"""The list of paintings that wait or run, shown while there is more than one."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, List

from ..document.open_styles import document_title
from ..paint_run import PaintRun
from ..qt import QGridLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget
from ..studio import Studio
from ..translations import tr

MAX_ROWS = 3
"""Paintings with a row of their own; the others are counted."""


class QueueList(QWidget):
    """A row for each painting, with its layer, its document, and buttons to paint it next and to cancel it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._shown: List[Any] = []
        self._row_widgets: List[QWidget] = []
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._more = QLabel()
        cancel_all = QPushButton(tr("Cancel all"))
        cancel_all.setObjectName("gramarye_cancel_all")
        cancel_all.clicked.connect(lambda: studio.cancel_all())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addWidget(self._more)
        column.addWidget(cancel_all)
        self.update_rows()

    @property
    def is_shown(self) -> bool:
        """Whether there is more than one painting."""
        return len(self._shown) > 1

    def update_rows(self) -> None:
        """Show the studio's paintings."""
        runs = list(self._studio.queue.unfinished)
        self.setVisible(len(runs) > 1)
        if runs == self._shown:  # the buttons stay, so that a click that has begun is not lost
            return
        self._shown = runs
        for widget in self._row_widgets:
            self._grid.removeWidget(widget)
            widget.setParent(None)
            widget.deleteLater()
        self._row_widgets = []
        for place, run in enumerate(runs[:MAX_ROWS]):
            buttons = (
                _button("gramarye_next", "▲", tr("Paint this one next"), partial(self._studio.prioritise, run)),
                _button("gramarye_cancel_one", "✕", tr("Cancel"), partial(self._studio.cancel_run, run)),
            )
            buttons[0].setEnabled(place > 1)  # the first is being painted, the second is next
            for column, widget in enumerate((_name(run), *buttons)):
                self._grid.addWidget(widget, place, column)
                self._row_widgets.append(widget)
        self._more.setVisible(len(runs) > MAX_ROWS)
        self._more.setText(tr("and {count} more").format(count=len(runs) - MAX_ROWS))


def _button(name: str, text: str, help: str, clicked: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(help)
    button.clicked.connect(lambda: clicked())
    return button


def _name(run: PaintRun) -> QLabel:
    label = QLabel(f"{run.source.name} – {document_title(run.source.document)}")
    label.setObjectName("gramarye_queued")
    label.setToolTip(f"{label.text()}\n{run.paint_spec.title}")
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # a long name is cut off
    return label
