"""Regions, each painted in its own style: opaque parts of layers, channels, layer masks, or the selection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, NamedTuple, Optional, Tuple

from gi.repository import Gegl, Gimp

from gramarye_plugin.settings import ChosenStyle
from gramarye_protocol.pixels import PixelBuffer

from ..failures import PaintError, paint_error
from ..json_arguments import CHANNEL, LAYER, MASK, SELECTION, Region, parse_regions
from .alpha import alpha
from .layers import all_layers, find_layer
from .style_pictures import style_from_text


class RegionItem(NamedTuple):
    """Something in the image that can be a region: its kind, its name, and how deep it is nested in groups."""

    kind: str
    name: str
    depth: int = 0


def region_styles(text: str, image: Any, layer: PixelBuffer) -> Tuple[ChosenStyle, ...]:
    """Return the styles in the argument ``text``, with masks of the size of ``layer``.

    Errors: ``region-bad-value``, ``region-layer-missing``, ``region-empty``, those of `style_from_text`.
    """
    return tuple(_region_style(region, image, layer) for region in parse_regions(text))


def has_selection_region(text: str) -> bool:
    """Return whether the selection is one of the regions, so that it does not limit the painting."""
    return any(region.kind == SELECTION for region in parse_regions(text))


def region_items(image: Any) -> List[RegionItem]:
    """Return everything in the image that can be a region: the selection, layers from the top, masks, channels."""
    found = [] if Gimp.Selection.is_empty(image) else [RegionItem(SELECTION, "")]
    layers = all_layers(image)
    found += [RegionItem(LAYER, layer.get_name(), depth) for depth, layer in layers]
    found += [RegionItem(MASK, layer.get_name()) for _, layer in layers if layer.get_mask() is not None]
    return found + [RegionItem(CHANNEL, channel.get_name()) for channel in image.get_channels()]


def find_region(image: Any, region: Region) -> Optional[RegionItem]:
    """Return the item of a region; None if the image has none."""
    items = region_items(image)
    exact = next((item for item in items if (item.kind, item.name) == (region.kind, region.name)), None)
    layer = find_layer(image, region.name) if exact is None and region.kind in (LAYER, MASK) else None
    wanted = None if layer is None else (region.kind, layer.get_name())
    return exact or next((item for item in items if (item.kind, item.name) == wanted), None)


def _region_style(region: Region, image: Any, layer: PixelBuffer) -> ChosenStyle:
    item = find_region(image, region)
    if item is None:
        raise _missing(region)
    mask = _mask(item, image, layer)
    if not any(mask.data):
        hint = "Paint the region into that layer, or remove the region."
        raise paint_error("region-empty", f"{item.name} shows nothing where the painted layer is.", hint)
    return replace(style_from_text(region.style), mask=mask, weight=region.weight)


def _missing(region: Region) -> PaintError:
    if region.kind == SELECTION:
        message, hint = "Nothing is selected, but the selection is a region.", "Select something, or remove the region."
        return paint_error("region-layer-missing", message, hint)
    hint = "Choose another one for the region, or remove the region."
    message = {
        LAYER: f"The image has no layer {region.name!r} for a region.",
        MASK: f"The image has no layer {region.name!r} with a mask for a region.",
        CHANNEL: f"The image has no channel {region.name!r} for a region.",
    }[region.kind]
    return paint_error("region-layer-missing", message, hint)


def _mask(item: RegionItem, image: Any, layer: PixelBuffer) -> PixelBuffer:
    """Return how much each pixel of ``layer`` belongs to the region, as GRAY u8."""
    if item.kind == SELECTION:
        return _values(image.get_selection(), (0, 0), layer)
    if item.kind == CHANNEL:
        return _values(next(each for each in image.get_channels() if each.get_name() == item.name), (0, 0), layer)
    found = find_layer(image, item.name)
    assert found is not None, "region_items has listed it"
    if item.kind == MASK:
        _, x, y = found.get_offsets()
        return _values(found.get_mask(), (x, y), layer)
    return alpha(image, found, layer)


def _values(drawable: Any, offset: Tuple[int, int], layer: PixelBuffer) -> PixelBuffer:
    """Return the values of a channel or mask at ``offset``, over the rectangle of ``layer``."""
    rectangle = Gegl.Rectangle.new(layer.offset[0] - offset[0], layer.offset[1] - offset[1], layer.width, layer.height)
    data = bytes(drawable.get_buffer().get(rectangle, 1.0, "Y u8", Gegl.AbyssPolicy.NONE))
    return PixelBuffer(layer.width, layer.height, "GRAY", "u8", data)
