"""The window of the eight variations, with the layer in the centre; a click paints one at full size."""

from __future__ import annotations

from typing import Dict, Optional

from gramarye_plugin.labels import CHOOSE_ONE, UNCHANGED_LAYER, VARIATIONS, WAITING_FOR_DAEMON
from gramarye_plugin.status_text import job_message, refusal_message
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
from ..variations_run import VariationRun

CELL_SIDE = 208
"""Longest side of a picture in pixels."""

PLACEHOLDER_OPACITY = 0.12
"""Opacity of the layer shown in place of a variation that is not painted yet."""


class VariationsWindow(QDialog):
    """A view of the studio's variations; closing it stops painting them."""

    def __init__(self, studio: Studio, variation_run: VariationRun, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio = studio
        self._variation_run = variation_run
        bounds = variation_run.source.bounds
        self._size = QSize(bounds.width(), bounds.height()).scaled(
            CELL_SIDE, CELL_SIDE, Qt.AspectRatioMode.KeepAspectRatio
        )
        self._cells: Dict[int, QToolButton] = {}
        self._shown: Dict[int, Optional[QImage]] = {}
        self._message, self._progress = QLabel(), QProgressBar()
        self.setObjectName("gramarye_sheet")
        self.setWindowTitle("Gramarye: " + tr(VARIATIONS).rstrip("."))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._lay_out()
        studio.add_listener(self._update)
        self.finished.connect(lambda _: self._window_closed())
        self._update()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        labels = {variation.place: variation.label for variation in self._variation_run.variations}
        for place in range(COLUMNS * COLUMNS):
            cell = self._cells[place] = self._cell(place, labels.get(place, UNCHANGED_LAYER))
            grid.addWidget(cell, place // COLUMNS, place % COLUMNS)
        self._message.setObjectName("gramarye_sheet_said")
        self._message.setWordWrap(True)
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 100 * len(labels))
        close = QPushButton(tr("Close"))
        close.setObjectName("gramarye_sheet_close")
        close.setAutoDefault(False)
        close.clicked.connect(lambda: self.close())
        column = QVBoxLayout(self)
        column.addLayout(grid)
        column.addWidget(self._message)
        column.addWidget(self._progress)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _cell(self, place: int, label: str) -> QToolButton:
        """Return a button with picture and label; the layer in the centre cannot be clicked."""
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
            cell.clicked.connect(lambda: self._studio.paint_variation(place))
        return cell

    def _update(self) -> None:
        """Show the studio's state."""
        variation_run = self._variation_run
        if self._studio.variation_run is not variation_run:
            self.close()
            return
        for place, cell in self._cells.items():
            picture = variation_run.layer if place == MIDDLE else variation_run.pictures.get(place)
            opacity = PLACEHOLDER_OPACITY if picture is None else 1.0
            picture = variation_run.layer if picture is None else picture
            if picture is not None and picture is not self._shown.get(place):
                self._shown[place] = picture
                cell.setIcon(QIcon(self._pixmap(picture, opacity)))
        progress = variation_run.view.progress if variation_run.view is not None else None
        within = progress.step / max(1, progress.total) if progress is not None else 0.0
        self._progress.setValue(round(100 * (len(variation_run.jobs) + within)))
        self._progress.setVisible(not variation_run.has_ended)
        self._message.setText(self._message_text())

    def _message_text(self) -> str:
        variation_run = self._variation_run
        if variation_run.outcome is not None:
            return refusal_message(variation_run.outcome, tr).sentence
        if variation_run.has_ended:
            return tr(CHOOSE_ONE)
        if variation_run.is_waiting:
            return tr(WAITING_FOR_DAEMON)
        if variation_run.view is None:
            return tr("Reading the layer.") if variation_run.layer is None else ""
        count = len(variation_run.variations)
        return tr("{number} of {count}: {status}").format(
            number=variation_run.current_number, count=count, status=job_message(variation_run.view, tr)
        )

    def _pixmap(self, picture: Optional[QImage], opacity: float) -> QPixmap:
        """Return a pixmap of the size of a cell."""
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

    def _window_closed(self) -> None:
        self._studio.remove_listener(self._update)
        if self._studio.variation_run is self._variation_run:
            self._studio.close_variations()
