"""Recipes: presets, bounds, errors and the schema of options."""

import json
import math
import os
import subprocess
import sys
from typing import Any

import pytest

from gramarye.engine.recipe import DEFAULT_PRESET, Recipe, presets, schema
from gramarye.errors import InputError

FIVE_RELUS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


def test_seed_preset_has_the_seed_documents_values() -> None:
    seed = presets()["seed"].recipe
    assert (seed.content_layers, seed.style_layers) == (("relu4_1",), FIVE_RELUS)
    assert (seed.content_weight, seed.style_weight, seed.tv_weight) == (7.0, 400.0, 0.0)
    assert (seed.statistic, seed.normalisation, seed.style_fit, seed.centre) == ("gram", "sum", "own", "half")
    assert (seed.init, seed.init_noise, seed.optimiser, seed.learning_rate) == ("noise", 1.0, "adam", 10.0)
    assert (seed.steps, seed.scales, seed.clamp, seed.style_layer_weights) == (1000, 1, False, ())


def test_gatys_preset_has_the_values_of_the_release() -> None:
    gatys = presets()["gatys"].recipe
    assert (gatys.content_layers, gatys.style_layers) == (("relu4_2",), FIVE_RELUS)
    assert (gatys.content_weight, gatys.style_weight, gatys.tv_weight) == (1.0, 1e3, 0.0)
    assert (gatys.normalisation, gatys.init, gatys.optimiser, gatys.steps) == ("mean", "content", "lbfgs", 500)


def test_presets_are_the_four_known_ones() -> None:
    assert sorted(presets()) == ["gatys", "neural-style", "painting", "seed"]
    assert DEFAULT_PRESET in presets()
    assert all(preset.description for preset in presets().values())


@pytest.mark.parametrize("name", ["gatys", "neural-style", "painting", "seed"])
def test_json_round_trip_with_any_preset(name: str) -> None:
    recipe = presets()[name].recipe
    carried = json.loads(json.dumps(recipe.to_dict()))
    assert all(Recipe.from_dict(carried, preset=other) == recipe for other in presets())


def test_values_replace_the_presets_and_accept_lists_and_integers() -> None:
    recipe = Recipe.from_dict({"style_layers": ["relu1_1"], "style_weight": 3}, preset="seed")
    assert recipe.style_layers == ("relu1_1",)
    assert recipe.style_weight == 3.0
    assert isinstance(recipe.style_weight, float)
    assert recipe.content_weight == 7.0


BAD: list[tuple[str, Any]] = [
    ("steps", -1),
    ("steps", 100_001),
    ("steps", 1.5),
    ("steps", True),
    ("steps", "10"),
    ("steps", None),
    ("style_weight", math.nan),
    ("style_weight", math.inf),
    ("style_weight", -0.1),
    ("clamp", 1),
    ("optimiser", "sgd"),
    ("content_layers", "relu4_1"),
    ("content_layers", ["relu6_1"]),
    ("content_layers", ["relu4_1", "relu4_1"]),
    ("style_layer_weights", [1.0, 2.0]),
    ("style_layer_weights", [0.0] * 5),
    ("style_layer_weights", [1.0, 1.0, 1.0, 1.0, math.nan]),
    ("scales", 0),
    ("seed", 2**53),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_value_out_of_bounds_is_named(name: str, value: object) -> None:
    with pytest.raises(InputError) as caught:
        Recipe.from_dict({name: value})
    assert caught.value.code == "recipe-bad-value"
    assert name in caught.value.message


def test_other_style_layers_keep_the_presets_weights_by_name() -> None:
    recipe = Recipe.from_dict({"style_layers": ["relu5_1", "relu3_4", "relu1_1"]})
    assert recipe.style_layer_weights == (0.25, 1.0, 1.0)
    given = Recipe.from_dict({"style_layers": ["relu5_1", "relu1_1"], "style_layer_weights": [3, 4]})
    assert given.style_layer_weights == (3.0, 4.0)
    assert Recipe.from_dict({"style_layers": ["relu5_1"]}, preset="gatys").style_layer_weights == ()


def test_a_huge_integer_is_an_error_not_a_crash() -> None:
    with pytest.raises(InputError) as caught:
        Recipe.from_dict({"style_weight": 10**400})
    assert caught.value.code == "recipe-bad-value"


def test_unknown_field_and_preset_are_named() -> None:
    with pytest.raises(InputError) as field:
        Recipe.from_dict({"stile_weight": 1.0})
    assert field.value.code == "recipe-unknown-field"
    assert "stile_weight" in field.value.message
    with pytest.raises(InputError) as preset:
        Recipe.from_dict({}, preset="monet")
    assert preset.value.code == "recipe-unknown-preset"
    assert "painting" in preset.value.hint


def test_schema_describes_every_value_with_its_default() -> None:
    options = json.loads(json.dumps(schema()))
    assert (
        Recipe.from_dict({o["name"]: o["default"] for o in options}, preset="seed") == presets()[DEFAULT_PRESET].recipe
    )
    assert all(option["help"] for option in options)
    assert {option["type"] for option in options} == {"int", "float", "bool", "str", "list[str]", "list[float]"}


def test_schema_bounds_are_enforced() -> None:
    for option in schema():
        if option["type"] not in ("int", "float"):
            continue
        for bound, beyond in ((option["minimum"], -1), (option["maximum"], 1)):
            Recipe.from_dict({option["name"]: bound})
            with pytest.raises(InputError):
                Recipe.from_dict({option["name"]: bound + beyond})


def test_recipe_imports_without_torch_or_numpy() -> None:
    check = "import sys, gramarye.engine.recipe as r; r.schema(); sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    assert (
        subprocess.run(
            [sys.executable, "-c", check], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        ).returncode
        == 0
    )
