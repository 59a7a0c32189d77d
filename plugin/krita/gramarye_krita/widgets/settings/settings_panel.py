"""All settings of the docker in one column, which scrolls in a low docker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Union

from gramarye_plugin.labels import CONTINUE_LAST, CONTINUE_LAST_HELP
from gramarye_protocol.messages import Refused, Welcome

from ...document.paint_request import PaintSpec
from ...qt import QCheckBox, QEvent, QFrame, QScrollArea, QSize, QSizePolicy, Qt, QTimer, QVBoxLayout, QWidget
from ...refusals import INVALID_SETTING, NO_STYLE
from ...region_settings import Regions
from ...stored_settings import Settings
from ...translations import tr
from ..common.style_gallery import Gallery
from ..common.wheel_filter import WheelFilter
from .advanced_settings import MoreSettings
from .controls import Controls
from .placement_choice import PlacementChoice
from .region_list import RegionRows
from .second_style import SecondStyle

MIN_HEIGHT = 40
"""Minimum height of the panel in pixels."""


class SettingsPanel(QScrollArea):
    """All settings. After a change by the user ``changed`` gets the settings or ``regions_changed`` the regions."""

    def __init__(
        self, gallery: Gallery, changed: Callable[[Settings], None], regions_changed: Callable[[Regions], None]
    ) -> None:
        super().__init__()
        self._gallery = gallery
        self._settings = Settings()
        self._second_style = SecondStyle(gallery, changed)
        self._controls = Controls(changed, self._second_style, PlacementChoice(changed))
        self._regions = RegionRows(gallery, regions_changed)
        self._more_settings = MoreSettings(changed)
        self._continue_box = QCheckBox(tr(CONTINUE_LAST))
        self._continue_box.setObjectName("gramarye_go_on")
        self._continue_box.setToolTip(tr(CONTINUE_LAST_HELP))
        self._continue_box.clicked.connect(lambda checked: changed(replace(self._settings, continues_last=checked)))
        self._wheel_filter = WheelFilter(self)
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self._controls, self._continue_box, self._regions, self._more_settings):
            column.addWidget(part)
        column.addStretch()
        for section in (self._regions, self._more_settings):
            section.opened = lambda section=section: self._scroll_to(section)  # type: ignore[misc]
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """As high as the open sections."""
        return self._body.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As wide as the open sections."""
        width = self._body.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(width, MIN_HEIGHT)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Update the size hints when a section is opened or closed."""
        if watched is self._body and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return bool(super().eventFilter(watched, event))

    def set_options(self, welcome: Welcome) -> None:
        """Offer this daemon's recipes, networks and options."""
        self._controls.set_options(welcome)
        self._more_settings.set_options(welcome)

    def show_settings(self, settings: Settings, document: Any, regions: Regions) -> None:
        """Show the settings and the document's regions."""
        self._settings = settings
        self._second_style.show_settings(settings)
        self._controls.show_settings(settings)
        self._continue_box.setChecked(settings.continues_last)
        self._more_settings.show_settings(settings)
        self._regions.show_regions(document, regions)
        self._wheel_filter.install_on(self._body)

    def paint_spec(self) -> Union[PaintSpec, Refused]:
        """Return the current settings as a `PaintSpec`; `Refused` if they are invalid or incomplete."""
        if self._more_settings.validation_error:
            return Refused(INVALID_SETTING, self._more_settings.validation_error, "Correct it, or clear the field.")
        regions = self._regions.styles()
        if isinstance(regions, Refused):
            return regions
        if self._regions.keeps_rest:
            return PaintSpec((), self._settings.paint_settings, regions)
        chosen = self._gallery.parse_styles()
        if isinstance(chosen, Refused):
            return chosen
        styles = self._second_style.mix_in_style(chosen)
        if isinstance(styles, Refused):
            return styles
        return PaintSpec(styles, self._settings.paint_settings, regions) if styles else NO_STYLE

    def _scroll_to(self, section: QWidget) -> None:
        """Scroll to an opened section once it is laid out."""
        QTimer.singleShot(0, lambda: self.verticalScrollBar().setValue(section.y()))
