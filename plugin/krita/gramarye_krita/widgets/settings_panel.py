"""All settings of the docker, one above the other; where the docker is low they scroll."""

from __future__ import annotations

from typing import Any, Callable, Union

from gramarye_protocol.messages import Refused, Welcome

from ..document.region_settings import Regions
from ..paint_request import Order
from ..qt import QEvent, QFrame, QScrollArea, QSize, QSizePolicy, Qt, QTimer, QVBoxLayout, QWidget
from ..refusals import NO_STYLE, WRONG
from ..stored_settings import Settings
from .advanced_settings import More
from .controls import Controls
from .region_list import RegionRows
from .second_style import Second
from .style_gallery import Gallery
from .wheel_filter import Calm

LEAST = 72
"""Pixels of its height that are always there."""


class Panel(QScrollArea):
    """``changed`` is told settings, ``regions_changed`` a document's regions, that the artist has made."""

    def __init__(
        self, gallery: Gallery, changed: Callable[[Settings], None], regions_changed: Callable[[Regions], None]
    ) -> None:
        super().__init__()
        self._gallery = gallery
        self._settings = Settings()
        self._second = Second(gallery, changed)
        self._controls = Controls(changed, self._second)
        self._regions = RegionRows(gallery, regions_changed)
        self._more = More(changed)
        self._calm = Calm(self)
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self._controls, self._regions, self._more):
            column.addWidget(part)
        column.addStretch()
        for section in (self._regions, self._more):
            section.opened = lambda section=section: self._uncover(section)  # type: ignore[misc]
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """As high as all that is open."""
        return self._body.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As wide as all that is open."""
        width = self._body.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(width, LEAST)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Qt's; what is folded away or unfolded changes what it needs."""
        if watched is self._body and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return bool(super().eventFilter(watched, event))

    def offer(self, welcome: Welcome) -> None:
        """What this daemon has."""
        self._controls.offer(welcome)
        self._more.offer(welcome)

    def show_settings(self, settings: Settings, document: Any, regions: Regions) -> None:
        """Put everything where the settings, and a document's regions, have it."""
        self._settings = settings
        self._second.show_settings(settings)
        self._controls.show_settings(settings)
        self._more.show_settings(settings)
        self._regions.show_regions(document, regions)
        self._calm.watch(self._body)

    def order(self) -> Union[Order, Refused]:
        """What is set, as an order; `Refused` where that is none."""
        if self._more.complaint:
            return Refused(WRONG, self._more.complaint, "Correct it, or empty the field.")
        regions = self._regions.styles()
        if isinstance(regions, Refused):
            return regions
        if self._regions.keeps_rest:
            return Order((), self._settings.wishes, regions)
        chosen = self._gallery.pictures()
        if isinstance(chosen, Refused):
            return chosen
        styles = self._second.mixed(chosen)
        if isinstance(styles, Refused):
            return styles
        return Order(styles, self._settings.wishes, regions) if styles else NO_STYLE

    def _uncover(self, section: QWidget) -> None:
        """Bring what was opened into view, once it has its place."""
        QTimer.singleShot(0, lambda: self.verticalScrollBar().setValue(section.y()))
