"""Combo boxes that fit into a narrow docker, and a list of the gallery's styles for them."""

from __future__ import annotations

from ...qt import QComboBox, QSize
from .style_gallery import Gallery

ICON = 16


def narrow_combo(name: str) -> QComboBox:
    """Return a combo box that stays narrow; text too long for it is elided."""
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setMinimumContentsLength(8)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo


def fill_with_styles(combo: QComboBox, gallery: Gallery, chosen: str, none: str = "") -> None:
    """Fill a combo box with the gallery's styles, whose keys are the data; emits no signals.

    A text in ``none`` adds a first entry for no style. If the style ``chosen`` is not in the gallery, that entry is
    selected, or without it no entry.
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
