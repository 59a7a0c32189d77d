"""Region rows of the dialog; each sets a layer, the style to paint where it is opaque, and the style's weight."""

from __future__ import annotations

from typing import Any, Callable, List, Sequence

from gi.repository import Gtk

from gramarye_plugin.labels import ADD_REGION, KEEP_REST, KEEP_REST_HELP, REGIONS, REGIONS_HELP, REMOVE_REGION
from gramarye_protocol.messages import StyleEntry

from ..document.layers import all_layers, find_layer
from ..failures import PaintError
from ..json_arguments import Region, format_regions, parse_regions
from ..translations import tr
from .combos import make_combo
from .scrolling_column import ignore_wheel
from .style_picker import StylePicker

_ARGUMENT = "regions"
_WEIGHT_RANGE = (0.1, 10.0)


class RegionRows:
    """A `Gtk.Expander`, ``widget``, with one row per region; the regions are stored in the argument ``regions``."""

    def __init__(self, config: Any, image: Any, source_layer: Any, keep_rest: Any) -> None:
        """``source_layer`` is the layer to paint; a new row uses it only if all other layers are used."""
        self._config = config
        self._image = image
        self._source_layer = source_layer
        self._styles: Sequence[StyleEntry] = ()
        self._rows: List[_Row] = []
        self._is_showing = False
        self._box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._keep_rest = keep_rest
        keep_rest.set_label(tr(KEEP_REST))
        keep_rest.set_tooltip_text(tr(KEEP_REST_HELP))
        add = Gtk.Button(label=tr(ADD_REGION), halign=Gtk.Align.START)
        add.connect("clicked", lambda *_: self._add_region())
        help = Gtk.Label(label=tr(REGIONS_HELP), xalign=0.0, wrap=True, max_width_chars=40)
        content = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin_top=8)
        for part in (help, self._box, add, keep_rest):
            content.add(part)
        self.widget = Gtk.Expander(label=tr(REGIONS), expanded=bool(config.get_property(_ARGUMENT)))
        self.widget.add(content)
        config.connect(f"notify::{_ARGUMENT}", lambda *_: self._sync_from_config())  # Reset and Load saved settings
        self._sync_from_config()

    def fill(self, styles: Sequence[StyleEntry]) -> None:
        """Set the styles to choose from."""
        self._styles = styles
        for row in self._rows:
            row.fill(styles)

    def _sync_from_config(self) -> None:
        """Show the argument's regions whose layers exist in this image."""
        if self._is_showing:
            return
        try:
            regions = parse_regions(self._config.get_property(_ARGUMENT) or "")
        except PaintError:  # invalid text from a script: reported when painting
            return
        for row in self._rows:
            self._box.remove(row.widget)
        self._rows = []
        for region in regions:
            if find_layer(self._image, region.layer) is not None:
                self._append_row(region)
        self._save()

    def _add_region(self) -> None:
        used_names = {self._source_layer.get_name(), *(row.region.layer for row in self._rows)}
        names = [layer.get_name() for _, layer in all_layers(self._image)]
        self._append_row(
            Region(next((name for name in names if name not in used_names), self._source_layer.get_name()), "")
        )
        self._save()

    def _append_row(self, region: Region) -> None:
        row = _Row(region, self._image, self._save, self._remove_row)
        self._rows.append(row)
        self._box.add(row.widget)
        row.widget.show_all()
        ignore_wheel(row.widget)
        if self._styles:
            row.fill(self._styles)

    def _remove_row(self, row: Any) -> None:
        self._rows.remove(row)
        self._box.remove(row.widget)
        self._save()

    def _save(self) -> None:
        regions = [row.region for row in self._rows]
        self._keep_rest.set_sensitive(bool(regions))
        if all(region.style for region in regions):  # a new row has no style until the styles are set
            self._is_showing = True
            self._config.set_property(_ARGUMENT, format_regions(regions))
            self._is_showing = False


class _Row:
    def __init__(
        self, region: Region, image: Any, on_changed: Callable[[], None], on_removed: Callable[["_Row"], None]
    ) -> None:
        self._layers = make_combo(tooltip_text=tr("The layer whose opaque parts are the region"))
        for depth, item in all_layers(image):
            self._layers.append(item.get_name(), "   " * depth + item.get_name())
        layer = find_layer(image, region.layer)
        self._layers.set_active_id(layer.get_name() if layer is not None else None)
        self._layers.connect("changed", lambda *_: on_changed())
        self._style = StylePicker(region.style, on_changed)
        self._weight = Gtk.SpinButton.new_with_range(*_WEIGHT_RANGE, 0.1)
        self._weight.set_value(region.weight)
        self._weight.set_width_chars(4)
        self._weight.set_tooltip_text(tr("How strongly the style is painted there"))
        self._weight.connect("value-changed", lambda *_: on_changed())
        remove = Gtk.Button.new_from_icon_name("list-remove-symbolic", Gtk.IconSize.BUTTON)
        remove.set_tooltip_text(tr(REMOVE_REGION))
        remove.connect("clicked", lambda *_: on_removed(self))
        self.widget = Gtk.Box(spacing=4)
        for part in (self._layers, self._style.widget, self._weight, remove):
            self.widget.add(part)

    @property
    def region(self) -> Region:
        """The region in this row."""
        return Region(self._layers.get_active_id(), self._style.chosen, round(self._weight.get_value(), 3))

    def fill(self, styles: Sequence[StyleEntry]) -> None:
        """Set the styles to choose from."""
        self._style.fill(styles)
