"""The eight variations of what is set, as requests for small paintings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, NamedTuple

from gramarye_plugin.variations import SIDE, Variation, small, variations
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
    wishes, styles = wishes_of(config), all_styles(config, found)
    full = request(found, styles, wishes, welcome)
    preset = welcome.presets[wishes.preset or welcome.default_preset]["recipe"]
    zoom = zoom_to(found.pixels, SIDE)
    try:
        eight = variations(wishes, preset)
    except ValueError as error:
        hint = "Change that value of the recipe first."
        raise trouble("variations-none", f"There are no variations: {error}.", hint) from None
    reduced = smaller(replace(full, watch=replace(full.watch, preview_side=SIDE)), found, zoom)
    made = []
    for variation in eight:
        mine = small(variation.wishes, preset, zoom)
        scaled = tuple(replace(style, scale=mine.stroke) for style in reduced.styles)
        title = f"{full.title}: {variation.label}"
        made.append(Sketch(variation, replace(reduced, styles=scaled, recipe=mine.values(welcome), title=title)))
    return made


def take(config: Any, variation: Variation) -> None:
    """Set what the variation has: the sliders that `variations` moves."""
    config.set_property("strength", variation.wishes.strength)
    config.set_property("stroke", variation.wishes.stroke)
