"""Form rows for the second style and its share of the mix."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Tuple, Union

from gramarye_plugin.labels import MIX, MIX_HELP, NONE, SECOND_STYLE
from gramarye_plugin.settings import ChosenStyle, mix_in_style
from gramarye_protocol.messages import Refused

from ...qt import QFormLayout, QLabel
from ...stored_settings import Settings
from ...translations import tr
from ..common.combos import fill_with_styles, narrow_combo
from ..common.form_rows import show_row
from ..common.slider import labelled_slider
from ..common.style_gallery import Gallery


class SecondStyle:
    """Two form rows; the share is shown only if a second style is chosen.

    ``changed`` is called with the new settings after a change by the user.
    """

    def __init__(self, gallery: Gallery, changed: Callable[[Settings], None]) -> None:
        self._gallery = gallery
        self._changed = changed
        self._settings = Settings()
        self._form = QFormLayout()
        self._combo = narrow_combo("gramarye_second")
        self._combo.setToolTip(tr("A second style to mix in."))
        self._combo.currentIndexChanged.connect(lambda _: self._read())
        self._label = QLabel(tr(MIX))
        self._share, self._value, self._holder = labelled_slider("gramarye_share", 0, 100)
        self._share.setToolTip(tr(MIX_HELP))
        self._share.valueChanged.connect(lambda _: self._read())

    def add_to(self, form: QFormLayout) -> None:
        """Add the rows to a form."""
        self._form = form
        form.addRow(tr(SECOND_STYLE), self._combo)
        form.addRow(self._label, self._holder)

    def show_settings(self, settings: Settings) -> None:
        """Offer the gallery's styles and show the settings."""
        self._settings = settings
        fill_with_styles(self._combo, self._gallery, settings.second, tr(NONE))
        self._share.blockSignals(True)
        self._share.setValue(settings.share)
        self._share.blockSignals(False)
        self._value.setText(f"{settings.share} %")
        show_row(self._form, self._label, self._holder, bool(self._combo.currentData()), self._combo)

    def mix_in_style(self, styles: Tuple[ChosenStyle, ...]) -> Union[Tuple[ChosenStyle, ...], Refused]:
        """Return ``styles`` with the second style mixed in; `Refused` if it cannot be loaded."""
        key = self._combo.currentData()
        if not key or not styles:
            return styles
        other = self._gallery.style_of(key)
        return other if isinstance(other, Refused) else mix_in_style(styles, other, self._share.value())

    def _read(self) -> None:
        second = self._combo.currentData() or ""
        self._changed(replace(self._settings, second=second, share=self._share.value()))
