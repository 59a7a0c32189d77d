"""Requests for small paintings: a preview of the current settings, and their eight variations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, NamedTuple

from gramarye_plugin.network_choices import DRAFT
from gramarye_plugin.variations import VARIATION_SIDE, Variation, downscaled_settings, variations
from gramarye_protocol.messages import Submit, Welcome

from .document.pixels import Source
from .downscale import downscale_request, scale_to_fit
from .failures import paint_error
from .request import all_styles, request, to_paint
from .settings import settings_from_config


class VariationRequest(NamedTuple):
    """A variation and the request for its small painting."""

    variation: Variation
    submit: Submit


def build_variation_requests(config: Any, source: Source, welcome: Welcome) -> List[VariationRequest]:
    """Return the eight requests. Errors: ``variations-none``, those of `all_styles` and `request`."""
    paint_settings, styles = settings_from_config(config), all_styles(config, source)
    full = request(to_paint(config, source), styles, paint_settings, welcome)
    preset = welcome.presets[paint_settings.preset or welcome.default_preset]["recipe"]
    zoom = scale_to_fit(source.pixels, VARIATION_SIDE)
    try:
        candidates = variations(paint_settings, preset)
    except ValueError as error:
        hint = "Change that value of the recipe first."
        raise paint_error("variations-none", f"There are no variations: {error}.", hint) from None
    small_request = downscale_request(
        replace(full, watch=replace(full.watch, preview_side=VARIATION_SIDE)), source, zoom
    )
    requests = []
    for variation in candidates:
        small_settings = downscaled_settings(variation.paint_settings, preset, zoom)
        scaled = tuple(replace(style, scale=small_settings.stroke) for style in small_request.styles)
        title = f"{full.title}: {variation.label}"
        requests.append(
            VariationRequest(
                variation, replace(small_request, styles=scaled, recipe=small_settings.values(welcome), title=title)
            )
        )
    return requests


def build_preview_request(config: Any, source: Source, welcome: Welcome) -> Submit:
    """Return the request for a small, quick painting with the current settings, by the draft if it is installed.

    Errors: those of `all_styles` and `request`.
    """
    paint_settings, styles = settings_from_config(config), all_styles(config, source)
    full = request(to_paint(config, source), styles, paint_settings, welcome)
    preset = welcome.presets[paint_settings.preset or welcome.default_preset]["recipe"]
    zoom = scale_to_fit(source.pixels, VARIATION_SIDE)
    small_settings = downscaled_settings(paint_settings, preset, zoom)
    small = downscale_request(full, source, zoom)
    return replace(
        small,
        styles=tuple(replace(style, scale=small_settings.stroke) for style in small.styles),
        recipe=small_settings.values(welcome),
        network=DRAFT if DRAFT in welcome.networks else small.network,
        title=f"{full.title}: preview",
        watch=replace(small.watch, preview_side=VARIATION_SIDE),
    )


def apply_variation(config: Any, variation: Variation) -> None:
    """Set the arguments that `variations` changes: strength and stroke."""
    config.set_property("strength", variation.paint_settings.strength)
    config.set_property("stroke", variation.paint_settings.stroke)
