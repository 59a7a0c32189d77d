"""Lets the wheel scroll the panel: it changes a slider or combo box only if that has the focus."""

from __future__ import annotations

from typing import Any

from ...qt import QComboBox, QEvent, QObject, QSlider, Qt, QWidget


class WheelFilter(QObject):
    """Ignores wheel events over widgets without focus."""

    def install_on(self, parent: QWidget) -> None:
        """Filter the events of all sliders and combo boxes in ``parent``; may be called repeatedly."""
        for kind in (QComboBox, QSlider):
            for child in parent.findChildren(kind):
                child.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                child.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Ignore a wheel event if ``watched`` has no focus."""
        if event.type() != QEvent.Type.Wheel or watched.hasFocus():
            return False
        event.ignore()
        return True
