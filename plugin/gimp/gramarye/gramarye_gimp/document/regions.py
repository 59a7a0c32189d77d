"""Regions: the opaque parts of other layers, each painted in its own style."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Tuple

from gramarye_plugin.settings import ChosenStyle
from gramarye_protocol.pixels import PixelBuffer

from ..failures import paint_error
from ..json_arguments import Region, parse_regions
from .alpha import alpha
from .layers import find_layer
from .style_pictures import style_from_text


def region_styles(text: str, image: Any, layer: PixelBuffer) -> Tuple[ChosenStyle, ...]:
    """Return the styles in the argument ``text``, with masks of the size of ``layer``.

    Errors: ``region-bad-value``, ``region-layer-missing``, ``region-empty``, those of `style_from_text`.
    """
    return tuple(_region_style(region, image, layer) for region in parse_regions(text))


def _region_style(region: Region, image: Any, layer: PixelBuffer) -> ChosenStyle:
    item = find_layer(image, region.layer)
    if item is None:
        hint = "Choose another one for the region, or remove the region."
        raise paint_error("region-layer-missing", f"The image has no layer {region.layer!r} for a region.", hint)
    mask = alpha(image, item, layer)
    if not any(mask.data):
        hint = "Paint the region into that layer, or remove the region."
        raise paint_error("region-empty", f"{item.get_name()} shows nothing where the painted layer is.", hint)
    return replace(style_from_text(region.style), mask=mask, weight=region.weight)
