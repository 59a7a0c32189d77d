"""The procedure's arguments as JSON: remembered for the next dialog, saved under names, and saved with a painting.

GIMP itself remembers arguments only when the procedure succeeds, so a cancelled painting would forget them.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, Dict, List

from gi.repository import Gimp, Gio

from gramarye_plugin.choices import LABELS

from .document.layers import find_layer
from .settings import LIVE_PREVIEW, argument_name

_PLAIN = (
    "style",
    "strength",
    "stroke",
    "second-style",
    "mix",
    "regions",
    "keep-rest",
    "keep-blending",
    "preset",
    "network",
    *(argument_name(name) for name in LABELS),
    "recipe",
    LIVE_PREVIEW,
)
_FILE, _LAYER = "style-file", "style-layer"
_REMEMBERED, _NAMED = "gramarye-settings.json", "gramarye-named-settings.json"


def arguments_to_json(config: Any) -> str:
    """Return the arguments that say how to paint; the style's file by its path, the style's layer by its name."""
    values: Dict[str, Any] = {name: config.get_property(name) for name in _plain(config)}
    file, layer = config.get_property(_FILE), config.get_property(_LAYER)
    values[_FILE] = file.get_path() if file is not None else None
    values[_LAYER] = layer.get_name() if layer is not None and layer.is_valid() else None
    return json.dumps(values)


def set_arguments(config: Any, text: str, image: Any) -> None:
    """Set the arguments from `arguments_to_json`. Values that are missing or of another type are left as they are."""
    values = json.loads(text)
    if not isinstance(values, dict):
        return
    for name in _plain(config):
        known = config.get_property(name)
        value = values.get(name)
        if value is not None and isinstance(value, (float, int) if isinstance(known, float) else type(known or "")):
            config.set_property(name, value)
    path, layer = values.get(_FILE), values.get(_LAYER)
    config.set_property(_FILE, Gio.File.new_for_path(path) if isinstance(path, str) else None)
    config.set_property(_LAYER, find_layer(image, layer) if isinstance(layer, str) else None)


def remember_arguments(config: Any) -> None:
    """Write the arguments into GIMP's profile, for the next dialog. A profile that cannot be written to is left."""
    with contextlib.suppress(OSError), open(_remembered_path(), "w", encoding="utf-8") as file:
        file.write(arguments_to_json(config))


def recall_arguments(config: Any, image: Any) -> None:
    """Set the arguments that were remembered, if there are any that can be read."""
    with contextlib.suppress(OSError, ValueError), open(_remembered_path(), encoding="utf-8") as file:
        set_arguments(config, file.read(), image)


def _plain(config: Any) -> List[str]:
    """Return the names of arguments that are plain values; GIMP gives other processes no auxiliary arguments."""
    return [name for name in _PLAIN if config.find_property(name) is not None]


def _remembered_path() -> str:
    return os.path.join(Gimp.directory(), _REMEMBERED)


class NamedArguments:
    """Arguments saved under names, in a file of GIMP's profile. A file that cannot be read counts as empty."""

    def __init__(self) -> None:
        self._path = os.path.join(Gimp.directory(), _NAMED)
        self._known: Dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            with open(self._path, encoding="utf-8") as file:
                read = json.load(file)
            if isinstance(read, dict):
                self._known = {str(name): text for name, text in read.items() if isinstance(text, str)}

    @property
    def names(self) -> List[str]:
        """The names, sorted."""
        return sorted(self._known, key=str.casefold)

    def arguments(self, name: str) -> str:
        """Return the arguments as JSON, for `set_arguments`."""
        return self._known[name]

    def save(self, name: str, arguments: str) -> None:
        """Save arguments under a name, in place of those that had it. Errors: OSError."""
        self._write({**self._known, name: arguments})

    def remove(self, name: str) -> None:
        """Remove a name. Errors: OSError."""
        self._write({other: text for other, text in self._known.items() if other != name})

    def _write(self, known: Dict[str, str]) -> None:
        with open(f"{self._path}.part", "w", encoding="utf-8") as file:
            json.dump(known, file)
        os.replace(f"{self._path}.part", self._path)
        self._known = known
