"""The settings of an earlier painting, as settings of the docker: its styles are looked up in the gallery, or added."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional, Tuple

from gramarye_plugin.network_choices import network_choices
from gramarye_plugin.settings import ChosenStyle, PaintSettings, split_second_style
from gramarye_protocol.messages import Welcome
from gramarye_protocol.pixels import PixelBuffer

from ..document.paint_request import PaintSpec
from ..document.style_pictures import image_from_buffer
from ..region_settings import Region, Regions
from ..stored_settings import Settings
from .common.style_gallery import Gallery


def earlier_settings(
    paint_spec: PaintSpec, gallery: Gallery, settings: Settings, welcome: Welcome
) -> Tuple[Settings, Regions]:
    """Return ``settings`` with the styles and values of ``paint_spec``, and its regions.

    Without styles outside the regions, the chosen styles stay as they are.
    """
    first, second, share = split_second_style(paint_spec.styles)
    rows = tuple(
        Region(region.layer, region.name, _gallery_key(gallery, region.style)) for region in paint_spec.regions
    )
    values = _paint_settings(paint_spec.paint_settings, welcome)
    changed = replace(settings, paint_settings=values, second="")
    if first:
        changed = replace(changed, chosen=tuple(_gallery_key(gallery, style) for style in first))
    if second is not None:
        changed = replace(changed, second=_gallery_key(gallery, second), share=share)
    return changed, Regions(rows, keeps_rest=bool(rows) and not first)


def _paint_settings(noted: PaintSettings, welcome: Welcome) -> PaintSettings:
    """Return the settings with names that this daemon offers; the default network has no name."""
    offered = [name for name, _ in network_choices(welcome.networks)]
    network = noted.network if noted.network in offered else ""
    return replace(noted.without_full_recipe(welcome), network=network)


def _gallery_key(gallery: Gallery, style: ChosenStyle) -> str:
    """Return the gallery's key for a style; the gallery gets a style that it does not have."""
    plain = replace(style, weight=1.0, mask=None)
    for key, title, _ in gallery.entries():
        if key == style.name or (title == style.title and _is_same_picture(gallery.style_of(key), plain)):
            return key
    key = f"picture {style.title}"
    if plain.picture is not None:
        gallery.add(key, plain.title, image_from_buffer(plain.picture), lambda: plain)
    return key


def _is_same_picture(found: object, style: ChosenStyle) -> bool:
    picture: Optional[PixelBuffer] = getattr(found, "picture", None)
    if picture is None or style.picture is None:
        return False
    same_form = (picture.width, picture.height, picture.layout, picture.depth) == (
        style.picture.width,
        style.picture.height,
        style.picture.layout,
        style.picture.depth,
    )
    return same_form and bytes(picture.data) == bytes(style.picture.data)
