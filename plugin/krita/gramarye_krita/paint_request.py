"""What is to be painted, and how; and the same as a note that is saved with the document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Tuple

from gramarye_plugin.settings import ChosenStyle, Wishes, title
from gramarye_protocol.messages import Result
from gramarye_protocol.pixels import PixelBuffer

from .document.style_pictures import from_note, noted


@dataclass(frozen=True)
class RegionStyle:
    """What is painted where a layer, known by its id and for people by its name, is opaque."""

    layer: str
    name: str
    style: ChosenStyle


@dataclass(frozen=True)
class Order:
    """``styles`` are painted where no region is; without any, the rest stays as it is."""

    styles: Tuple[ChosenStyle, ...]
    wishes: Wishes
    regions: Tuple[RegionStyle, ...] = ()

    @property
    def title(self) -> str:
        """The new layer's name, with every style once."""
        styles = (*self.styles, *(region.style for region in self.regions))
        return title(tuple({style.title: style for style in styles}.values()), self.wishes)

    def masked(self, masks: Tuple[PixelBuffer, ...]) -> Tuple[ChosenStyle, ...]:
        """All styles, each region's with its mask."""
        pairs = zip(self.regions, masks)
        return (*self.styles, *(replace(region.style, mask=mask) for region, mask in pairs))


def note_of(order: Order, source: str, result: Result, daemon: str) -> Dict[str, Any]:
    """As JSON; ``source`` is the id of the layer that was painted."""
    return {
        "title": result.title,
        "source": source,
        "styles": [noted(style) for style in order.styles],
        "regions": [
            {"layer": region.layer, "name": region.name, "style": noted(region.style)} for region in order.regions
        ],
        "strength": order.wishes.strength,
        "stroke": order.wishes.stroke,
        "network": result.network,
        "recipe": result.recipe,
        "daemon": daemon,
    }


def order_of(note: Dict[str, Any]) -> Order:
    """The reverse; its recipe is whole. KeyError, ValueError, TypeError for a note that is damaged."""
    wishes = Wishes(note["strength"], note["stroke"], network=note["network"], recipe=note["recipe"], is_whole=True)
    regions = tuple(
        RegionStyle(str(region["layer"]), str(region["name"]), from_note(region["style"]))
        for region in note.get("regions", ())  # versions before regions wrote none
    )
    return Order(tuple(from_note(style) for style in note["styles"]), wishes, regions)
