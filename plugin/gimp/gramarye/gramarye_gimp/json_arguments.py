"""Parse and format the procedure's JSON arguments ``recipe`` and ``regions``. Needs no GIMP."""

from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Tuple

from .failures import PaintError, paint_error

RECIPE_EXAMPLE = 'Write them like {"steps": 60}.'
REGIONS_EXAMPLE = 'Write them like [{"layer": "sky", "style": "swirls", "weight": 1}].'


LAYER, CHANNEL, MASK, SELECTION = "layer", "channel", "mask", "selection"
"""What a region can be: a layer's opaque part, a channel, a layer's mask, or the selection; keys in the JSON."""


class Region(NamedTuple):
    """A region (the name or id of its layer or channel), the style to paint there (name or path), and its weight."""

    name: str
    style: str
    weight: float = 1.0
    kind: str = LAYER


def parse_recipe(text: str) -> Dict[str, Any]:
    """Return the recipe's values in a JSON object; {} for empty text. Errors: ``recipe-bad-value``."""
    if not text.strip():
        return {}
    try:
        values = json.loads(text)
    except ValueError as error:
        raise paint_error(
            "recipe-bad-value", f"The recipe's values are not valid JSON: {error}.", RECIPE_EXAMPLE
        ) from None
    if not isinstance(values, dict):
        raise paint_error("recipe-bad-value", "The recipe's values are not a JSON object.", RECIPE_EXAMPLE)
    return values


def format_recipe(values: Dict[str, Any]) -> str:
    """Return ``values`` as text for `parse_recipe`; empty if there are none."""
    return json.dumps(values) if values else ""


def parse_regions(text: str) -> Tuple[Region, ...]:
    """Return the regions in a JSON list, in order. Errors: ``region-bad-value``."""
    if not text.strip():
        return ()
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise _bad_region(f"The regions are not valid JSON: {error}.") from None
    if not isinstance(parsed, list):
        raise _bad_region("The regions are not a JSON list.")
    return tuple(_parse_region(entry) for entry in parsed)


def format_regions(regions: List[Region]) -> str:
    """Return ``regions`` as text for `parse_regions`; empty if there are none."""
    return json.dumps([_entry(region) for region in regions]) if regions else ""


def _entry(region: Region) -> Dict[str, Any]:
    name = True if region.kind == SELECTION else region.name
    return {region.kind: name, "style": region.style, "weight": region.weight}


def _parse_region(entry: Any) -> Region:
    kinds = [kind for kind in (LAYER, CHANNEL, MASK, SELECTION) if isinstance(entry, dict) and kind in entry]
    if len(kinds) != 1 or not {"style"} <= set(entry) <= {kinds[0], "style", "weight"}:
        raise _bad_region(f"{json.dumps(entry)} is not a region.")
    name, style, weight = entry[kinds[0]], entry["style"], entry.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not weight > 0.0:
        raise _bad_region(f"A region's weight must be above 0, not {json.dumps(weight)}.")
    if kinds[0] == SELECTION:
        if name is not True:
            raise _bad_region(f"The selection as a region is written as true, not {json.dumps(name)}.")
        name = ""
    elif isinstance(name, bool) or not isinstance(name, (str, int)) or name == "":
        what = "channel" if kinds[0] == CHANNEL else "layer"
        raise _bad_region(f"{json.dumps(name)} is not a {what}'s name or number.")
    if not isinstance(style, str) or not style:
        raise _bad_region(f"{json.dumps(style)} is not a style's name or path.")
    return Region(str(name), style, float(weight), kinds[0])


def _bad_region(message: str) -> PaintError:
    return paint_error("region-bad-value", message, REGIONS_EXAMPLE)
