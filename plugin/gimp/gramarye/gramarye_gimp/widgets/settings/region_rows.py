"""Region rows of the dialog; each sets a region of the image, the style to paint there, and the style's weight."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence

from gi.repository import Gtk

from gramarye_plugin.labels import ADD_REGION, KEEP_REST, KEEP_REST_HELP, REGIONS, REGIONS_HELP, REMOVE_REGION
from gramarye_protocol.messages import StyleEntry

from ...document.layers import find_layer
from ...document.regions import RegionItem, find_region, region_items
from ...failures import PaintError
from ...json_arguments import LAYER, MASK, SELECTION, Region, format_regions, parse_regions
from ...translations import tr
from ..combos import make_combo
from ..scrolling_column import ignore_wheel
from .style_picker import StylePicker

_ARGUMENT = "regions"
_WEIGHT_RANGE = (0.1, 10.0)


class RegionRows:
    """A `Gtk.Expander`, ``widget``, with one row per region; the regions are stored in the argument ``regions``."""

    def __init__(self, config: Any, image: Any, source_layer: Any, keep_rest: Any) -> None:
        """``source_layer`` is the layer to paint; a new row does not use it, because as a region it is everything."""
        self._config = config
        self._image = image
        self._source_layer = source_layer
        self._styles: Sequence[StyleEntry] = ()
        self._rows: List[_Row] = []
        self._saved: Optional[str] = None
        """The argument's value that the rows show."""
        self._box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self._keep_rest = keep_rest
        keep_rest.set_label(tr(KEEP_REST))
        keep_rest.set_tooltip_text(tr(KEEP_REST_HELP))
        add = Gtk.Button(label=tr(ADD_REGION), halign=Gtk.Align.START)
        if self._unused_item() is None:
            add.set_sensitive(False)
            add.set_tooltip_text(tr("Select a part of the picture first, or paint the region on a layer of its own."))
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

    def save(self) -> None:
        """Store the rows in the argument, once all of them have styles; a new row has none until the styles are set."""
        regions = [row.region for row in self._rows]
        self._keep_rest.set_sensitive(bool(regions))
        if all(region.style for region in regions):
            self._saved = format_regions(regions)
            self._config.set_property(_ARGUMENT, self._saved)

    def _sync_from_config(self) -> None:
        """Show the argument's regions whose layers exist in this image.

        It does not set the argument: while GIMP loads settings, that would cause another call, and so on for ever.
        """
        text = self._config.get_property(_ARGUMENT) or ""
        if text == self._saved:
            return
        self._saved = text
        try:
            regions = parse_regions(text)
        except PaintError:  # invalid text from a script: reported when painting
            return
        for row in self._rows:
            self._box.remove(row.widget)
        self._rows = []
        for region in regions:
            if find_region(self._image, region) is not None:
                self._append_row(region)
        self._keep_rest.set_sensitive(bool(self._rows))

    def _add_region(self) -> None:
        item = self._unused_item()
        if item is not None:
            self._append_row(Region(item.name, "", kind=item.kind))
            self.save()

    def _unused_item(self) -> Optional[RegionItem]:
        """Return what is likely to be the next region: the selection, else a layer with alpha, else anything."""
        used = {(row.region.kind, row.region.name) for row in self._rows}
        used.add((LAYER, self._source_layer.get_name()))
        unused = [item for item in region_items(self._image) if (item.kind, item.name) not in used]
        return next(iter([item for item in unused if self._has_shape(item)] + unused), None)

    def _has_shape(self, item: RegionItem) -> bool:
        layer = find_layer(self._image, item.name) if item.kind == LAYER else None
        return layer is None or layer.has_alpha()

    def _append_row(self, region: Region) -> None:
        row = _Row(region, self._image, self.save, self._remove_row)
        self._rows.append(row)
        self._box.add(row.widget)
        row.widget.show_all()
        ignore_wheel(row.widget)
        if self._styles:
            row.fill(self._styles)

    def _remove_row(self, row: Any) -> None:
        self._rows.remove(row)
        self._box.remove(row.widget)
        self.save()


class _Row:
    def __init__(
        self, region: Region, image: Any, on_changed: Callable[[], None], on_removed: Callable[["_Row"], None]
    ) -> None:
        self._items = region_items(image)
        self._combo = make_combo(tooltip_text=tr("A layer's opaque part, a mask, a channel, or the selection"))
        for item in self._items:
            self._combo.append_text(_label(item))
        found = find_region(image, region)
        self._combo.set_active(-1 if found is None else self._items.index(found))
        self._combo.connect("changed", lambda *_: on_changed())
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
        for part in (self._combo, self._style.widget, self._weight, remove):
            self.widget.add(part)

    @property
    def region(self) -> Region:
        """The region in this row."""
        item = self._items[self._combo.get_active()]
        return Region(item.name, self._style.chosen, round(self._weight.get_value(), 3), item.kind)

    def fill(self, styles: Sequence[StyleEntry]) -> None:
        """Set the styles to choose from."""
        self._style.fill(styles)


def _label(item: RegionItem) -> str:
    if item.kind == LAYER:
        return "   " * item.depth + item.name
    if item.kind == SELECTION:
        return tr("the selection")
    return (tr("mask of {layer}") if item.kind == MASK else tr("channel {layer}")).format(layer=item.name)
