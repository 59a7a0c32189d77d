"""The values of a recipe, the only part of a request whose fields the codec does not check."""

from __future__ import annotations

import json
from dataclasses import fields

from gramarye.engine.recipe import DEFAULT_PRESET, Recipe, presets
from gramarye.errors import GramaryeError
from gramarye_protocol.codec import dump_json, parse_json
from gramarye_protocol.errors import ProtocolError

from ..target import Target

_TITLES = ("painting", "seed", "gatys", "none")


def run(data: bytes) -> object:
    """Build a recipe on a preset selected by the first byte; ledger and worker must be able to read it back."""
    preset = _TITLES[(data[0] if data else 0) % len(_TITLES)]
    recipe = Recipe.from_dict(parse_json(data[1:], "recipe"), preset=preset)
    assert Recipe.from_dict(json.loads(dump_json(recipe.to_dict()))) == recipe
    return recipe


def seeds() -> dict[str, bytes]:
    """Complete recipes, and some values."""
    found = {name: b"\0" + dump_json(preset.recipe.to_dict()) for name, preset in presets().items()}
    found["steps"] = b'\0{"steps":40}'
    found["nothing"] = b"\1{}"
    assert DEFAULT_PRESET in _TITLES
    return found


TARGET = Target(
    "recipes",
    run,
    (GramaryeError, ProtocolError),
    seeds,
    dictionary=(*(field.name for field in fields(Recipe)), "1e999", "relu1_1", "relu5_4", "null", "true"),
)
