"""Shows and hides rows of a form layout; hiding only the widgets would leave a gap."""

from __future__ import annotations

from ...qt import QFormLayout, QWidget


def show_row(form: QFormLayout, label: QWidget, field: QWidget, is_shown: bool, after: QWidget) -> None:
    """Insert a row below the field ``after``, or take it out; its widgets are kept."""
    place, _ = form.getWidgetPosition(field)
    if is_shown == (place >= 0):
        return
    if is_shown:
        above, _ = form.getWidgetPosition(after)
        form.insertRow(above + 1, label, field)
    else:
        form.takeRow(place)
    for widget in (label, field):
        widget.setVisible(is_shown)
