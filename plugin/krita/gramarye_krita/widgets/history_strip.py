"""The section "History": thumbnails of the document's paintings, to insert, compare, or take their settings again."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Tuple

from krita import Krita

from ..document.annotations import paintings_of
from ..document.history import HistoryEntry, read_history
from ..document.nodes import find_node, is_open, node_id
from ..history_actions import HistoryActions
from ..qt import (
    QColor,
    QFont,
    QHBoxLayout,
    QIcon,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPainter,
    QPixmap,
    QSize,
    Qt,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from ..translations import tr
from .common.collapsible_section import CollapsibleSection

THUMBNAIL = 56
"""Pixels of the screen; the pictures have twice as many, for high-resolution screens."""

JOB_ROLE = Qt.ItemDataRole.UserRole
STAR_COLOUR, STAR_EDGE = QColor(255, 200, 40), QColor(60, 40, 0)


class HistoryStrip(CollapsibleSection):
    """A row of thumbnails, favourites first, and the buttons for the chosen one; a double click inserts it.

    ``use_settings`` is called with the document and the painting whose settings the user wants.
    """

    def __init__(self, history: HistoryActions, use_settings: Callable[[Any, HistoryEntry], None]) -> None:
        self._history = history
        self._document: Any = None
        self._entries: Tuple[HistoryEntry, ...] = ()
        self._shown: Any = None
        self._list = _list()
        self._list.itemSelectionChanged.connect(lambda: self._enable())
        self._list.itemDoubleClicked.connect(lambda _: self._apply())
        self._insert = _button(
            "gramarye_history_insert", tr("Insert"), tr("Insert this painting again, as a new layer.")
        )
        self._insert.clicked.connect(lambda: self._apply())
        self._compare = _button(
            "gramarye_history_compare", tr("Compare"), tr("Press and hold to see the layer without it.")
        )
        self._compare.pressed.connect(lambda: self._begin_comparison())
        self._compare.released.connect(lambda: self._history.comparison.end())
        self._settings = _button(
            "gramarye_history_settings", tr("Settings"), tr("Use this painting's styles and settings.")
        )
        self._settings.clicked.connect(lambda: self._call(use_settings))
        self._favourite = _button(
            "gramarye_history_favourite", "★", tr("Mark as a favourite, which is kept and shown first.")
        )
        self._favourite.setCheckable(True)
        self._favourite.clicked.connect(lambda: self._call(self._history.mark_favourite))
        self._discard = _button("gramarye_history_discard", "✕", tr("Remove from the history; a layer stays."))
        self._discard.clicked.connect(lambda: self._call(self._history.discard))
        body = QWidget()
        column, row = QVBoxLayout(body), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        for button in self._buttons():
            row.addWidget(button)
        row.addStretch()
        column.addWidget(self._list)
        column.addLayout(row)
        super().__init__("gramarye_history", tr("History"), body)
        self.update_entries()

    def update_entries(self) -> None:
        """Show the active document's paintings, if they or the document have changed."""
        document = Krita.instance().activeDocument()
        state = (node_id(document.rootNode()) if document else "", self._history.revision)
        if state == self._shown:
            return
        chosen = self._chosen()
        self._shown, self._document = state, document
        self._entries = tuple(sorted(read_history(document), key=lambda entry: not entry.is_favourite))
        self.set_count(len(self._entries))
        self._list.clear()
        for entry in self._entries:
            item = QListWidgetItem(self._list)
            item.setData(JOB_ROLE, entry.job)
            item.setIcon(QIcon(_picture(entry)))
            item.setToolTip(entry.title)
            item.setSelected(chosen is not None and entry.job == chosen.job)
        self._enable()

    def _buttons(self) -> List[QToolButton]:
        return [self._insert, self._compare, self._settings, self._favourite, self._discard]

    def _chosen(self) -> Optional[HistoryEntry]:
        jobs = [item.data(JOB_ROLE) for item in self._list.selectedItems()]
        entries = self._entries if self._document is not None and is_open(self._document) else ()
        return next((entry for entry in entries if entry.job in jobs), None)

    def _enable(self) -> None:
        """Enable the buttons that have something to do."""
        entry = self._chosen()
        for button in self._buttons():
            button.setEnabled(entry is not None)
        self._compare.setEnabled(entry is not None and self._can_compare(entry))
        self._favourite.setChecked(entry is not None and entry.is_favourite)

    def _can_compare(self, entry: HistoryEntry) -> bool:
        """Return whether the document has the layer that was painted, and paintings of it."""
        has_source = find_node(self._document, entry.source) is not None
        return has_source and bool(paintings_of(self._document, entry.source))

    def _call(self, action: Callable[[Any, HistoryEntry], None]) -> None:
        entry = self._chosen()
        if entry is not None:
            action(self._document, entry)

    def _apply(self) -> None:
        self._call(self._history.insert)

    def _begin_comparison(self) -> None:
        entry = self._chosen()
        if entry is not None:
            self._history.comparison.begin(self._document, entry.source)


def _list() -> QListWidget:
    thumbnails = QListWidget()
    thumbnails.setObjectName("gramarye_history_list")
    thumbnails.setViewMode(QListView.ViewMode.IconMode)
    thumbnails.setMovement(QListView.Movement.Static)
    thumbnails.setWrapping(False)
    thumbnails.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
    thumbnails.setGridSize(QSize(THUMBNAIL + 8, THUMBNAIL + 8))
    thumbnails.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    thumbnails.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    thumbnails.setFixedHeight(THUMBNAIL + 14 + thumbnails.horizontalScrollBar().sizeHint().height())
    thumbnails.setToolTip(tr("This document's paintings. A double click inserts one again."))
    return thumbnails


def _picture(entry: HistoryEntry) -> QPixmap:
    """Return the thumbnail as a centred square, with a star if it is a favourite."""
    side = 2 * THUMBNAIL
    square = QPixmap(side, side)
    square.fill(Qt.GlobalColor.transparent)
    image = entry.image
    if image.isNull():
        return square
    small = image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    painter = QPainter(square)
    painter.drawImage((side - small.width()) // 2, (side - small.height()) // 2, small)
    if entry.is_favourite:
        _draw_star(painter, side)
    painter.end()
    return square


def _draw_star(painter: QPainter, side: int) -> None:
    font = QFont(painter.font())
    font.setPixelSize(side // 3)
    painter.setFont(font)
    for colour, offset in ((STAR_EDGE, 2), (STAR_COLOUR, 0)):
        painter.setPen(colour)
        painter.drawText(6 + offset, side // 3 + offset, "★")


def _button(name: str, text: str, help: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(help)
    return button
