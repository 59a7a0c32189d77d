"""The recipe values in the editors' main controls, and the labels of all choices of the recipe schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Tuple

from gramarye_protocol.messages import Welcome

LABELS = {"colour": "Colours", "colour_space": "Colour space", "colour_match": "Style recolouring"}
"""Labels of the main choices, in the order shown. One that the daemon's schema lacks is left out.

All other values are in `options`.
"""

CHOICE_LABELS: Dict[str, Dict[Any, str]] = {
    "colour": {
        "style": "from the style",
        "layer": "keep my colours",
        "layer-before": "keep my colours, style recoloured first",
        "luminance": "keep my colours, paint light and dark only",
    },
    "colour_space": {"oklab": "Oklab (perceptual)", "lab": "CIE L*a*b*", "yuv": "YUV (video luma)"},
    "colour_match": {
        "monge": "smallest change (Monge)",
        "cholesky": "channel by channel (Cholesky)",
        "pca": "along main axes (PCA)",
        "histogram": "histogram matching",
    },
    "statistic": {
        "gram": "colour and texture (Gram)",
        "covariance": "texture only (covariance)",
        "moments": "texture and mean colour (moments)",
    },
    "blend": {"each": "each separately", "one": "as one mixed style"},
    "style_fit": {"content": "the layer", "own": "the style's own pixels"},
    "normalisation": {"sum": "sums (seed recipe)", "mean": "means (Gatys)", "relative": "relative to the target"},
    "centre": {"half": "mid grey", "picture": "each picture's mean", "network": "the network's mean"},
    "init": {"content": "the layer", "noise": "noise"},
    "optimiser": {"lbfgs": "L-BFGS (fewer steps)", "adam": "Adam (less memory)"},
    "precision": {
        "auto": "automatic",
        "bfloat16": "bfloat16",
        "tf32": "TensorFloat-32",
        "float32": "float32",
    },
}

UNOFFERED: Dict[str, Tuple[Any, ...]] = {"init": ("picture",)}
"""Choices that the editors do not offer: they need a start picture, which the editors cannot send."""

RELEVANT_IF: Dict[str, Tuple[str, Tuple[str, ...]]] = {
    "colour_space": ("colour", ("layer", "luminance")),
    "colour_match": ("colour", ("layer-before",)),
}
"""Choices shown only if another choice has one of the given values; otherwise they have no effect."""


@dataclass(frozen=True)
class Choice:
    """A recipe value with a fixed set of choices; ``values`` are (value, label) pairs, the default first."""

    name: str
    label: str
    help: str
    values: Tuple[Tuple[Any, str], ...]


def is_relevant(name: str, chosen: Mapping[str, Any]) -> bool:
    """Return whether the choice ``name`` has an effect, given the ``chosen`` values by name."""
    other, values = RELEVANT_IF.get(name, ("", ()))
    return not other or chosen.get(other) in values


def choices(welcome: Welcome) -> List[Choice]:
    """Return the main choices in this daemon's schema; a value without a label is shown as it is."""
    schema = {option["name"]: option for option in welcome.options}
    found = []
    for name, label in LABELS.items():
        option = schema.get(name)
        if option is not None and option.get("choices"):
            values = sorted(option["choices"], key=lambda value: bool(value != option["default"]))
            value_labels = CHOICE_LABELS.get(name, {})
            entries = tuple((value, value_labels.get(value, str(value))) for value in values)
            found.append(Choice(name, label, option["help"], entries))
    return found
