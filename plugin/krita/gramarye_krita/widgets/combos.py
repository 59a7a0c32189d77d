"""Combo boxes that keep within a narrow docker, one of them of the gallery's styles."""

from __future__ import annotations

from ..qt import QComboBox, QSize
from .style_gallery import Gallery

ICON = 16


def narrow_combo(name: str) -> QComboBox:
    """What is too long for it ends in an ellipsis."""
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setMinimumContentsLength(8)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo


def fill_with_styles(combo: QComboBox, gallery: Gallery, chosen: str, none: str = "") -> None:
    """The gallery's styles by their keys; ``none`` is the first entry's text, where there may be none. It tells nobody.

    A style that is not there is none, and where there must be one no entry is chosen.
    """
    combo.blockSignals(True)
    combo.clear()
    combo.setIconSize(QSize(ICON, ICON))
    if none:
        combo.addItem(none, "")
    for key, title, icon in gallery.entries():
        combo.addItem(icon, title, key)
    place = combo.findData(chosen)
    combo.setCurrentIndex(0 if place < 0 and none else place)
    combo.blockSignals(False)
