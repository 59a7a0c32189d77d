"""Choice of a second style and its share of the mix."""

from __future__ import annotations

from typing import Any, Sequence

from gramarye_plugin.labels import NONE
from gramarye_protocol.messages import StyleEntry

from ...translations import tr
from .style_picker import StylePicker

_ARGUMENT = "second-style"


class SecondStyle:
    """``widget`` chooses the style; the slider ``mix`` is shown only if one is chosen."""

    def __init__(self, config: Any, mix: Any) -> None:
        self._config = config
        self._mix = mix
        self._picker = StylePicker(config.get_property(_ARGUMENT) or "", self._picker_changed, (("", tr(NONE)),))
        self.widget = self._picker.widget
        config.connect(f"notify::{_ARGUMENT}", lambda *_: self._sync_from_config())  # Reset and Load saved settings
        mix.set_no_show_all(True)
        self._sync_from_config()

    def fill(self, styles: Sequence[StyleEntry]) -> None:
        """Set the styles to choose from."""
        self._picker.fill(styles)

    def _picker_changed(self) -> None:
        self._config.set_property(_ARGUMENT, self._picker.chosen)

    def _sync_from_config(self) -> None:
        value = self._config.get_property(_ARGUMENT) or ""
        self._picker.choose(value)
        self._mix.set_visible(bool(value))
