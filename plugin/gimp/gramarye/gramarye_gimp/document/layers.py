"""List the layers of an image and find one by name or id; groups and their members are included."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple


def all_layers(image: Any) -> List[Tuple[int, Any]]:
    """Return (nesting depth, layer) of every layer, from the top."""
    return _flatten(image.get_layers(), 0)


def find_layer(image: Any, name_or_id: str) -> Optional[Any]:
    """Return the layer with this name (unique in GIMP), else the layer with this id, else None."""
    found = [layer for _, layer in all_layers(image)]
    by_name = [layer for layer in found if layer.get_name() == name_or_id]
    by_id = [layer for layer in found if str(layer.get_id()) == name_or_id]
    return next(iter(by_name + by_id), None)


def _flatten(layers: Any, depth: int) -> List[Tuple[int, Any]]:
    found = []
    for layer in layers:
        found.append((depth, layer))
        if layer.is_group():
            found += _flatten(layer.get_children(), depth + 1)
    return found
