"""A slider with a value label."""

from __future__ import annotations

from typing import Tuple

from ...qt import QHBoxLayout, QLabel, QSlider, Qt, QWidget


def labelled_slider(name: str, minimum: int, maximum: int) -> Tuple[QSlider, QLabel, QWidget]:
    """Return a slider, its value label, and the widget that holds both."""
    slider, value, holder = QSlider(Qt.Orientation.Horizontal), QLabel(), QWidget()
    slider.setObjectName(name)
    slider.setRange(minimum, maximum)
    value.setMinimumWidth(value.fontMetrics().boundingRect("0.00 x").width())
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(slider, 1)
    row.addWidget(value)
    return slider, value, holder
