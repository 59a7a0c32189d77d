"""The window of the eight small paintings, the layer in their middle: a click takes one."""

from __future__ import annotations

from typing import Dict, Optional

from gramarye_plugin.labels import AS_IT_IS, CHOOSE_ONE, EIGHT
from gramarye_plugin.status_text import of_job, of_refusal
from gramarye_plugin.variations import COLUMNS, MIDDLE

from ..qt import (
    QDialog,
    QGridLayout,
    QIcon,
    QImage,
    QLabel,
    QPainter,
    QPixmap,
    QProgressBar,
    QPushButton,
    QSize,
    Qt,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from ..studio import Studio
from ..translations import tr
from ..variations_run import Sheet

SIDE = 208
"""Pixels of a picture's longest side."""

FAINT = 0.12
"""How much is seen of the layer in the place of a picture that is to come."""


class SheetWindow(QDialog):
    """A view of the studio's sheet; closed, no more of them are painted."""

    def __init__(self, studio: Studio, sheet: Sheet, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio = studio
        self._sheet = sheet
        bounds = sheet.source.bounds
        self._size = QSize(bounds.width(), bounds.height()).scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio)
        self._cells: Dict[int, QToolButton] = {}
        self._shown: Dict[int, Optional[QImage]] = {}
        self._said, self._progress = QLabel(), QProgressBar()
        self.setObjectName("gramarye_sheet")
        self.setWindowTitle("Gramarye: " + tr(EIGHT).rstrip("."))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._lay_out()
        studio.listen(self._update)
        self.finished.connect(lambda _: self._left())
        self._update()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        labels = {variation.place: variation.label for variation in self._sheet.variations}
        for place in range(COLUMNS * COLUMNS):
            cell = self._cells[place] = self._cell(place, labels.get(place, AS_IT_IS))
            grid.addWidget(cell, place // COLUMNS, place % COLUMNS)
        self._said.setObjectName("gramarye_sheet_said")
        self._said.setWordWrap(True)
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 100 * len(labels))
        close = QPushButton(tr("Close"))
        close.setObjectName("gramarye_sheet_close")
        close.setAutoDefault(False)
        close.clicked.connect(lambda: self.close())
        column = QVBoxLayout(self)
        column.addLayout(grid)
        column.addWidget(self._said)
        column.addWidget(self._progress)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _cell(self, place: int, label: str) -> QToolButton:
        """A picture over its words; the layer in the middle is only looked at."""
        cell = QToolButton()
        cell.setObjectName(f"gramarye_cell_{place}")
        cell.setAutoRaise(True)
        cell.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        cell.setIconSize(self._size)
        cell.setIcon(QIcon(self._pixmap(None, 0.0)))
        cell.setText(", ".join(tr(part) for part in label.split(", ")))
        if place == MIDDLE:
            cell.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            cell.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        else:
            cell.clicked.connect(lambda: self._studio.take(place))
        return cell

    def _update(self) -> None:
        """Show what the studio knows."""
        sheet = self._sheet
        if self._studio.sheet is not sheet:
            self.close()
            return
        for place, cell in self._cells.items():
            picture = sheet.layer if place == MIDDLE else sheet.pictures.get(place)
            opacity = FAINT if picture is None else 1.0
            picture = sheet.layer if picture is None else picture
            if picture is not None and picture is not self._shown.get(place):
                self._shown[place] = picture
                cell.setIcon(QIcon(self._pixmap(picture, opacity)))
        progress = sheet.view.progress if sheet.view is not None else None
        within = progress.step / max(1, progress.total) if progress is not None else 0.0
        self._progress.setValue(round(100 * (len(sheet.jobs) + within)))
        self._progress.setVisible(not sheet.has_ended)
        self._said.setText(self._sentence())

    def _sentence(self) -> str:
        sheet = self._sheet
        if sheet.outcome is not None:
            return of_refusal(sheet.outcome).sentence
        if sheet.has_ended:
            return tr(CHOOSE_ONE)
        if sheet.is_waiting:
            return tr("The daemon is away; the painting goes on when it is back.")
        if sheet.view is None:
            return tr("Reading the layer.") if sheet.layer is None else ""
        count = len(sheet.variations)
        return tr("{number} of {count}: {said}").format(number=sheet.number, count=count, said=of_job(sheet.view, tr))

    def _pixmap(self, picture: Optional[QImage], opacity: float) -> QPixmap:
        """As large as every cell's."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self._size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        if picture is not None:
            size = self._size * ratio
            fit, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            scaled = picture.scaled(size, fit, smooth)
            scaled.setDevicePixelRatio(ratio)
            painter = QPainter(pixmap)
            painter.setOpacity(opacity)
            painter.drawImage(0, 0, scaled)
            painter.end()
        return pixmap

    def _left(self) -> None:
        self._studio.forget(self._update)
        if self._studio.sheet is self._sheet:
            self._studio.put_away()
