"""The wheel scrolls past sliders and choices; it sets the one alone that was clicked on."""

from __future__ import annotations

from typing import Any

from ..qt import QComboBox, QEvent, QObject, QSlider, Qt, QWidget


class WheelFilter(QObject):
    """Lets go of the wheel's turns over what has no focus."""

    def install_on(self, parent: QWidget) -> None:
        """All sliders and choices within a widget; twice is as good as once."""
        for kind in (QComboBox, QSlider):
            for child in parent.findChildren(kind):
                child.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                child.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Qt's."""
        if event.type() != QEvent.Type.Wheel or watched.hasFocus():
            return False
        event.ignore()
        return True
