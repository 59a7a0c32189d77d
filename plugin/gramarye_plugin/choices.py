"""The values of the daemon's recipe schema that editors show at first sight, and an artist's words for all choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Tuple

from gramarye_protocol.messages import Welcome

LABELS = {"colour": "Colours", "colour_space": "Light told from colour", "colour_match": "Style recoloured"}
"""What is shown, if the daemon has it, in this order; all else is among `options`."""

CHOICE_LABELS: Dict[str, Dict[Any, str]] = {
    "colour": {
        "style": "as the style paints them",
        "layer": "keep my colours",
        "layer-before": "keep my colours, style recoloured first",
        "luminance": "keep my colours, paint light and dark only",
    },
    "colour_space": {"oklab": "as the eye sees (Oklab)", "lab": "by CIE L*a*b*", "yuv": "as video does (luma)"},
    "colour_match": {
        "monge": "with the least change",
        "cholesky": "channel after channel",
        "pca": "along its main colours",
        "histogram": "to every colour's share",
    },
    "statistic": {
        "gram": "colour and texture (Gram)",
        "covariance": "texture alone (covariance)",
        "moments": "texture and mean colour (moments)",
    },
    "blend": {"each": "each by itself", "one": "as one mixed style"},
    "style_fit": {"content": "the layer", "own": "the style's own pixels"},
    "normalisation": {"sum": "sums (the seed's)", "mean": "means (Gatys')", "relative": "relative to the target"},
    "centre": {"half": "half grey", "picture": "each picture's mean", "network": "the network's mean"},
    "init": {"content": "the layer", "noise": "noise"},
    "optimiser": {"lbfgs": "L-BFGS (fewer steps)", "adam": "Adam (less memory)"},
    "precision": {
        "auto": "the fastest that is exact enough",
        "bfloat16": "bfloat16",
        "tf32": "TensorFloat-32",
        "float32": "float32",
    },
}

UNOFFERED: Dict[str, Tuple[Any, ...]] = {"init": ("picture",)}
"""Choices that need a picture sent besides, which an editor has no place for: there a painting goes on instead."""

RELEVANT_IF: Dict[str, Tuple[str, Tuple[str, ...]]] = {
    "colour_space": ("colour", ("layer", "luminance")),
    "colour_match": ("colour", ("layer-before",)),
}
"""Choices that change nothing unless another has one of these values: shown only then."""


@dataclass(frozen=True)
class Choice:
    """A value of the recipe; ``values`` are its choices with their words, the default first."""

    name: str
    label: str
    help: str
    values: Tuple[Tuple[Any, str], ...]


def is_relevant(name: str, chosen: Mapping[str, Any]) -> bool:
    """Whether a choice changes anything beside what is chosen, by name."""
    other, values = RELEVANT_IF.get(name, ("", ()))
    return not other or chosen.get(other) in values


def choices(welcome: Welcome) -> List[Choice]:
    """Those that this daemon's schema has; a choice without words of its own is shown as it is."""
    schema = {option["name"]: option for option in welcome.options}
    found = []
    for name, label in LABELS.items():
        option = schema.get(name)
        if option is not None and option.get("choices"):
            values = sorted(option["choices"], key=lambda value: bool(value != option["default"]))
            words = CHOICE_LABELS.get(name, {})
            entries = tuple((value, words.get(value, str(value))) for value in values)
            found.append(Choice(name, label, option["help"], entries))
    return found
