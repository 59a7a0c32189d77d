"""What is asked of the daemon: the layer with its styles, regions and settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Tuple

from gramarye_plugin.settings import ChosenStyle, PaintSettings, build_submit, mix_in_style
from gramarye_protocol.messages import Submit, Welcome

from .document.pixels import Source
from .document.regions import region_styles
from .document.style_pictures import chosen, named
from .failures import trouble
from .settings import style_of


def all_styles(config: Any, found: Source) -> Tuple[ChosenStyle, ...]:
    """The regions' styles, and the style or mix for the rest unless that is to stay as it is.

    Errors: those of `chosen` and `region_styles`.
    """
    regions = region_styles(config.get_property("regions") or "", found.image, found.pixels)
    if regions and config.get_property("keep-rest"):
        return regions
    style, second = chosen(style_of(config)), config.get_property("second-style")
    return (*(mix_in_style((style,), named(second), config.get_property("mix")) if second else (style,)), *regions)


def request(
    found: Source, styles: Tuple[ChosenStyle, ...], paint_settings: PaintSettings, welcome: Welcome, continues: str = ""
) -> Submit:
    """It ends with this process, which GIMP kills when its progress bar's Cancel is pressed.

    Errors: ``recipe-unknown-preset``.
    """
    try:
        submit = build_submit(found.pixels, styles, paint_settings, welcome, found.selection, continues)
    except KeyError:
        known = ", ".join(welcome.presets)
        message = f"There is no recipe named {paint_settings.preset!r}."
        raise trouble("recipe-unknown-preset", message, f"Recipes: {known}.") from None
    return replace(submit, watch=replace(submit.watch, ends_with_client=True))
