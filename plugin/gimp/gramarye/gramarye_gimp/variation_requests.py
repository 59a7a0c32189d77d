"""The eight variations of what is set, as requests for small paintings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, NamedTuple

from gramarye_plugin.variations import VARIATION_SIDE, Variation, downscaled_settings, variations
from gramarye_protocol.messages import Submit, Welcome

from .document.downscale import smaller, zoom_to
from .document.pixels import Source
from .failures import trouble
from .request import all_styles, request
from .settings import wishes_of


class Sketch(NamedTuple):
    """One of the eight, and what paints it small."""

    variation: Variation
    submit: Submit


def sketches(config: Any, found: Source, welcome: Welcome) -> List[Sketch]:
    """Errors: ``variations-none``, those of `all_styles` and `request`."""
    paint_settings, styles = wishes_of(config), all_styles(config, found)
    full = request(found, styles, paint_settings, welcome)
    preset = welcome.presets[paint_settings.preset or welcome.default_preset]["recipe"]
    zoom = zoom_to(found.pixels, VARIATION_SIDE)
    try:
        eight = variations(paint_settings, preset)
    except ValueError as error:
        hint = "Change that value of the recipe first."
        raise trouble("variations-none", f"There are no variations: {error}.", hint) from None
    reduced = smaller(replace(full, watch=replace(full.watch, preview_side=VARIATION_SIDE)), found, zoom)
    made = []
    for variation in eight:
        mine = downscaled_settings(variation.paint_settings, preset, zoom)
        scaled = tuple(replace(style, scale=mine.stroke) for style in reduced.styles)
        title = f"{full.title}: {variation.label}"
        made.append(Sketch(variation, replace(reduced, styles=scaled, recipe=mine.values(welcome), title=title)))
    return made


def take(config: Any, variation: Variation) -> None:
    """Set what the variation has: the sliders that `variations` moves."""
    config.set_property("strength", variation.paint_settings.strength)
    config.set_property("stroke", variation.paint_settings.stroke)
