"""What to paint and how, and its JSON form (a note) that is saved with the document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Tuple

from gramarye_plugin.settings import ChosenStyle, PaintSettings, title
from gramarye_protocol.messages import Result
from gramarye_protocol.pixels import PixelBuffer

from .style_pictures import note_from_style, style_from_note


@dataclass(frozen=True)
class RegionStyle:
    """The style painted where a layer is opaque; ``layer`` is the layer's id, ``name`` its name for messages."""

    layer: str
    name: str
    style: ChosenStyle


@dataclass(frozen=True)
class PaintSpec:
    """Styles, settings and regions of a painting. ``styles`` apply outside the regions; empty: only regions change."""

    styles: Tuple[ChosenStyle, ...]
    paint_settings: PaintSettings
    regions: Tuple[RegionStyle, ...] = ()

    @property
    def title(self) -> str:
        """The new layer's name, which lists every style once."""
        styles = (*self.styles, *(region.style for region in self.regions))
        return title(tuple({style.title: style for style in styles}.values()), self.paint_settings)

    def styles_with_masks(self, masks: Tuple[PixelBuffer, ...]) -> Tuple[ChosenStyle, ...]:
        """Return all styles; those of the regions get ``masks``, in order."""
        pairs = zip(self.regions, masks)
        return (*self.styles, *(replace(region.style, mask=mask) for region, mask in pairs))


def note_from_spec(paint_spec: PaintSpec, source: str, result: Result, daemon: str) -> Dict[str, Any]:
    """Return the note of a finished painting; ``source`` is the id of the layer that was painted."""
    return {
        "title": result.title,
        "source": source,
        "styles": [note_from_style(style) for style in paint_spec.styles],
        "regions": [
            {"layer": region.layer, "name": region.name, "style": note_from_style(region.style)}
            for region in paint_spec.regions
        ],
        "strength": paint_spec.paint_settings.strength,
        "stroke": paint_spec.paint_settings.stroke,
        "preset": paint_spec.paint_settings.preset,
        "network": result.network,
        "recipe": result.recipe,
        "daemon": daemon,
    }


def spec_from_note(note: Dict[str, Any]) -> PaintSpec:
    """Read a note; the settings have the full recipe. KeyError, ValueError, TypeError or zlib.error if damaged."""
    paint_settings = PaintSettings(
        note["strength"],
        note["stroke"],
        preset=str(note.get("preset", "")),  # older versions had neither presets nor regions
        network=note["network"],
        recipe=note["recipe"],
        has_full_recipe=True,
    )
    regions = tuple(
        RegionStyle(str(region["layer"]), str(region["name"]), style_from_note(region["style"]))
        for region in note.get("regions", ())
    )
    return PaintSpec(tuple(style_from_note(style) for style in note["styles"]), paint_settings, regions)
