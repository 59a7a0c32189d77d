"""The layers of an image, groups and their members included, and how an argument names one."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple


def all_layers(image: Any) -> List[Tuple[int, Any]]:
    """From the top, each with how deep in groups it is."""
    return _flatten(image.get_layers(), 0)


def find_layer(image: Any, name_or_id: str) -> Optional[Any]:
    """By its name, which GIMP keeps unlike every other's, or where none has it by its number."""
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
