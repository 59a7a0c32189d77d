"""Parse and format the procedure's JSON arguments ``recipe`` and ``regions``. Needs no GIMP."""

from __future__ import annotations

import json
from typing import Any, Dict, List, NamedTuple, Tuple

from .failures import PaintError, paint_error

RECIPE_EXAMPLE = 'Write them like {"steps": 60}.'
REGIONS_EXAMPLE = 'Write them like [{"layer": "sky", "style": "swirls", "weight": 1}].'


class Region(NamedTuple):
    """A layer (name or id), the style to paint where it is opaque (name or path), and the style's weight."""

    layer: str
    style: str
    weight: float = 1.0


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
    return json.dumps([region._asdict() for region in regions]) if regions else ""


def _parse_region(entry: Any) -> Region:
    if not isinstance(entry, dict) or not {"layer", "style"} <= set(entry) <= set(Region._fields):
        raise _bad_region(f"{json.dumps(entry)} is not a region.")
    layer, style, weight = entry["layer"], entry["style"], entry.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not weight > 0.0:
        raise _bad_region(f"A region's weight must be above 0, not {json.dumps(weight)}.")
    if isinstance(layer, bool) or not isinstance(layer, (str, int)) or layer == "":
        raise _bad_region(f"{json.dumps(layer)} is not a layer's name or number.")
    if not isinstance(style, str) or not style:
        raise _bad_region(f"{json.dumps(style)} is not a style's name or path.")
    return Region(str(layer), style, float(weight))


def _bad_region(message: str) -> PaintError:
    return paint_error("region-bad-value", message, REGIONS_EXAMPLE)
