"""Build the request for a painting from the layer and the procedure's arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Tuple

from gramarye_plugin.settings import ChosenStyle, PaintSettings, build_submit, mix_in_style
from gramarye_protocol.messages import Submit, Welcome

from .document.pixels import Source
from .document.regions import has_selection_region, region_styles
from .document.style_pictures import style_from_choice, style_from_text
from .failures import paint_error
from .settings import style_from_config


def all_styles(config: Any, source: Source) -> Tuple[ChosenStyle, ...]:
    """Return the style (or mix of two) for the rest of the layer, unless it is kept, and the styles of the regions.

    Errors: those of `style_from_choice` and `region_styles`.
    """
    regions = region_styles(config.get_property("regions") or "", source.image, source.pixels)
    if regions and config.get_property("keep-rest"):
        return regions
    style, second = style_from_choice(style_from_config(config)), config.get_property("second-style")
    return (
        *(mix_in_style((style,), style_from_text(second), config.get_property("mix")) if second else (style,)),
        *regions,
    )


def to_paint(config: Any, source: Source) -> Source:
    """Return what to paint of ``source``: within its selection, unless that is a region."""
    is_region = has_selection_region(config.get_property("regions") or "")
    return source._replace(selection=None) if is_region else source


def request(
    source: Source,
    styles: Tuple[ChosenStyle, ...],
    paint_settings: PaintSettings,
    welcome: Welcome,
    continues: str = "",
) -> Submit:
    """Build the request. Its job ends with this process, which GIMP kills when the user cancels its progress bar.

    Errors: ``recipe-unknown-preset``.
    """
    try:
        submit = build_submit(source.pixels, styles, paint_settings, welcome, source.selection, continues)
    except KeyError:
        known = ", ".join(welcome.presets)
        message = f"There is no recipe named {paint_settings.preset!r}."
        raise paint_error("recipe-unknown-preset", message, f"Recipes: {known}.") from None
    return replace(submit, watch=replace(submit.watch, ends_with_client=True))
