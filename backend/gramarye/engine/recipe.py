"""`Recipe`, every value of a painting, its named presets, and the schema of its options. No torch here.

The daemon's front process, the command line and both editor plugins derive their options from `schema`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ..errors import InputError
from .vgg.layers import LAYERS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT_PRESET = "painting"

_HINT = "`gramarye stylize --help` lists every value with its bounds."


def _option(kind: str, help: str, **limits: Any) -> Any:
    """A dataclass field with the metadata of an option: type, help and, if any, minimum, maximum, choices."""
    return field(metadata={"type": kind, "help": help, **limits})


@dataclass(frozen=True)
class Recipe:
    """Every value of a painting. The constructor validates all of them: InputError ``recipe-bad-value``."""

    content_layers: tuple[str, ...] = _option(
        "list[str]",
        "Layers at which the painting must resemble the layer: deeper ones keep things, not their detail.",
        choices=LAYERS,
    )
    style_layers: tuple[str, ...] = _option(
        "list[str]",
        "Layers at which it must resemble the style: early ones hold colour and grain, deep ones strokes.",
        choices=LAYERS,
    )
    style_layer_weights: tuple[float, ...] = _option(
        "list[float]",
        "Weight of each style layer, in their order; empty: all equal.",
        minimum=0.0,
        maximum=1e6,
    )
    content_weight: float = _option("float", "How strongly the layer's own forms are kept.", minimum=0.0, maximum=1e12)
    style_weight: float = _option("float", "How strongly the style is taken on.", minimum=0.0, maximum=1e12)
    tv_weight: float = _option("float", "Smoothness (total variation): more removes grain.", minimum=0.0, maximum=1e12)
    statistic: str = _option(
        "str",
        "How a style is measured: gram (colour and texture together), covariance (texture alone) or moments "
        "(texture and mean colour separately).",
        choices=("gram", "covariance", "moments"),
    )
    histogram_weight: float = _option(
        "float",
        "Evenness: how strongly light and dark, strong and weak strokes must be as frequent as in the style.",
        minimum=0.0,
        maximum=1e12,
    )
    laplacian_weight: float = _option(
        "float",
        "How strongly the layer's fine edges (faces, ropes, writing) are kept under the strokes.",
        minimum=0.0,
        maximum=1e12,
    )
    normalisation: str = _option(
        "str",
        "Units of the weights: sum (the seed's), mean (Gatys'), relative (alike for every network and size).",
        choices=("sum", "mean", "relative"),
    )
    style_fit: str = _option(
        "str",
        "Size of the style's strokes: relative to the layer (content), or as the style's file has them (own).",
        choices=("content", "own"),
    )
    stroke_sizes: tuple[float, ...] = _option(
        "list[float]",
        "Stroke sizes, from the finest style layers to the deepest: 0.5,1.5 gives fine strokes on coarse forms.",
        minimum=0.05,
        maximum=16.0,
    )
    any_direction: bool = _option("bool", "Let strokes run in any direction: the style is also measured rotated.")
    blend: str = _option(
        "str",
        "Several styles: each by itself, the plainer ones counting more (each), or as one mixed style (one).",
        choices=("each", "one"),
    )
    centre: str = _option(
        "str",
        "Subtracted from the pixels: 128 (half), each picture's mean colour (picture) or the network's (network).",
        choices=("half", "picture", "network"),
    )
    init: str = _option(
        "str",
        "What the painting starts from: the layer, noise, or a picture of yours.",
        choices=("content", "noise", "picture"),
    )
    init_noise: float = _option(
        "float", "Strength of the noise to start from, in levels of 255.", minimum=0.0, maximum=255.0
    )
    recolour: bool = _option("bool", "Start from the layer in the style's colours: fewer steps are needed.")
    optimiser: str = _option(
        "str",
        "How the painting is improved: lbfgs (fewer steps) or adam (less memory).",
        choices=("adam", "lbfgs"),
    )
    learning_rate: float = _option(
        "float", "Adam only: how far a pixel moves in one step, in levels of 255.", minimum=1e-3, maximum=255.0
    )
    history: int = _option(
        "int", "L-BFGS only: how many past steps it learns from; fewer on very large pictures.", minimum=1, maximum=200
    )
    steps: int = _option("int", "How many steps in all: more is finer and takes longer.", minimum=0, maximum=100_000)
    sketch: int = _option(
        "int",
        "Steps of a small sketch by the draft network that the painting starts from; 0 for none.",
        minimum=0,
        maximum=1000,
    )
    scales: int = _option(
        "int", "How many sizes to paint in, each twice the one before: small ones first.", minimum=1, maximum=8
    )
    clamp: bool = _option("bool", "Keep every colour within black and white while painting.")
    margin: int = _option(
        "int", "Pixels painted beyond each border and trimmed: less than 8 may leave a frame.", minimum=0, maximum=256
    )
    precision: str = _option(
        "str",
        "Number format of the features: bfloat16 (much faster), tf32, float32; auto: bfloat16 where it is native.",
        choices=("auto", "bfloat16", "tf32", "float32"),
    )
    colour: str = _option(
        "str",
        "Whose colours the painting has: the style's (style); the layer's, put back after painting (layer) or given "
        "to the style before (layer-before); or the layer's over a painting of light and dark alone (luminance).",
        choices=("style", "layer", "layer-before", "luminance"),
    )
    colour_space: str = _option(
        "str",
        "How light is separated from colour, for layer and luminance: oklab (as the eye sees), lab (CIE L*a*b*) or "
        "yuv (luma, as video has it).",
        choices=("oklab", "lab", "yuv"),
    )
    colour_match: str = _option(
        "str",
        "How layer-before recolours a style: with the least change (monge), channel after channel (cholesky), "
        "along main axes (pca), or to every colour's share (histogram).",
        choices=("monge", "cholesky", "pca", "histogram"),
    )
    seed: int = _option(
        "int", "Number that fixes the noise: the same seed paints the same picture.", minimum=0, maximum=2**53 - 1
    )

    def __post_init__(self) -> None:
        for option in fields(self):
            object.__setattr__(self, option.name, _checked(option, getattr(self, option.name)))
        weights = self.style_layer_weights
        if weights and len(weights) != len(self.style_layers):
            raise _bad("style_layer_weights", f"has {len(weights)} numbers for {len(self.style_layers)} layers")
        if weights and not sum(weights) > 0:
            raise _bad("style_layer_weights", "must not all be 0")
        if not self.stroke_sizes:
            raise _bad("stroke_sizes", "must hold at least one size; the default is 1")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], preset: str = DEFAULT_PRESET) -> Recipe:
        """Return the preset with some values replaced; accepts JSON's lists for tuples and integers for floats.

        If only ``style_layers`` are replaced, each keeps the preset's weight, or gets 1 if the preset lacks it.
        InputError: ``recipe-unknown-preset``, ``recipe-unknown-field``, ``recipe-bad-value``.
        """
        known = presets()
        if preset not in known:
            raise InputError(
                "recipe-unknown-preset",
                f"There is no preset named {preset!r}.",
                f"Presets: {', '.join(known)}.",
            )
        base = known[preset].recipe
        return cls(**{**base.to_dict(), **_layer_weights(base, _known(values)), **values})

    def to_dict(self) -> dict[str, Any]:
        """Return all values as a JSON-serialisable dictionary; `from_dict` restores the recipe, with any preset."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    def stroke_layers(self) -> list[tuple[float, tuple[str, ...]]]:
        """Return each stroke size with the style layers it is measured at: consecutive runs of about equal length.

        Fine strokes on coarse forms: Gatys et al., arXiv:1611.07865, section 5. Sizes left without a layer are dropped.
        """
        layers, sizes = self.style_layers, self.stroke_sizes
        ends = [round(len(layers) * number / len(sizes)) for number in range(len(sizes) + 1)]
        runs = zip(sizes, ends, ends[1:], strict=False)
        return [(size, layers[first:last]) for size, first, last in runs if first < last]

    def taps(self) -> tuple[str, ...]:
        """Content and style layers, each once."""
        return tuple(dict.fromkeys((*self.content_layers, *self.style_layers)))


class Preset(NamedTuple):
    """A recipe with a one-line description."""

    description: str
    recipe: Recipe


@cache
def presets() -> Mapping[str, Preset]:
    """Return the named recipes of presets.toml, in the file's order."""
    text = files(__package__).joinpath("presets.toml").read_text(encoding="utf-8")
    return {
        name: Preset(table.pop("description"), Recipe(**_known(table))) for name, table in tomllib.loads(text).items()
    }


def schema() -> list[dict[str, Any]]:
    """Return a JSON-serialisable description of each value: name, type, default, help; any minimum, maximum, choices.

    ``type`` is "int", "float", "bool", "str", "list[str]" or "list[float]"; bounds and choices of a list apply to
    each of its entries. ``default`` is the default preset's value.
    """
    defaults = presets()[DEFAULT_PRESET].recipe.to_dict()
    return [
        {"name": option.name, "default": defaults[option.name]}
        | {key: list(v) if isinstance(v, tuple) else v for key, v in option.metadata.items()}
        for option in fields(Recipe)
    ]


def _known(values: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = sorted(set(values) - {option.name for option in fields(Recipe)})
    if unknown:
        raise InputError("recipe-unknown-field", f"A recipe has no value named {unknown[0]!r}.", _HINT)
    return values


def _layer_weights(base: Recipe, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The preset's weights for other style layers; nothing if it has none or ``values`` is not a list of layers."""
    layers = values.get("style_layers")
    if not base.style_layer_weights or not isinstance(layers, list | tuple):
        return {}
    weights = dict(zip(base.style_layers, base.style_layer_weights, strict=True))
    return {"style_layer_weights": [weights.get(str(layer), 1.0) for layer in layers]}


def _checked(option: Field[Any], value: Any) -> Any:
    """Validate a value and normalise its type: lists to tuples, int to float. InputError ``recipe-bad-value``."""
    kind: str = option.metadata["type"]
    if not kind.startswith("list"):
        return _checked_entry(option, kind, value)
    if not isinstance(value, list | tuple):
        raise _bad(option.name, f"must be a list, not {value!r}")
    entries = tuple(_checked_entry(option, kind[5:-1], entry) for entry in value)
    if kind == "list[str]" and len(set(entries)) != len(entries):
        raise _bad(option.name, "names a layer twice")
    return entries


def _checked_entry(option: Field[Any], kind: str, value: Any) -> Any:
    types: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "bool": bool, "str": str}
    fits = isinstance(value, types[kind]) and (kind == "bool" or not isinstance(value, bool))
    if not fits:
        raise _bad(option.name, f"must be of type {kind}, not {value!r}")
    limits = option.metadata
    if "choices" in limits and value not in limits["choices"]:
        raise _bad(option.name, f"must be one of {', '.join(limits['choices'])}, not {value!r}")
    if "minimum" in limits and not limits["minimum"] <= value <= limits["maximum"]:
        raise _bad(option.name, f"must lie within {limits['minimum']:g} and {limits['maximum']:g}, not {value!r}")
    return float(value) if kind == "float" else value


def _bad(name: str, what: str) -> InputError:
    return InputError("recipe-bad-value", f"The recipe's {name} {what}.", _HINT)
