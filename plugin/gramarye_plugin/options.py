"""The values of the daemon's recipe schema as both editors offer them; an empty field keeps the recipe's value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

from gramarye_protocol.messages import Welcome

from .choices import CHOICE_LABELS, UNOFFERED
from .choices import LABELS as MAIN_LABELS

CHOICE, NUMBER, LIST = "choice", "number", "list"
"""How an option is shown: a list of choices, a number field, or a field of comma-separated entries."""

LABELS: Dict[str, str] = {
    "style_weight": "Style weight",
    "tv_weight": "Smoothness",
    "laplacian_weight": "Fine edges",
    "histogram_weight": "Histogram weight",
    "statistic": "Style statistic",
    "blend": "Several styles",
    "stroke_sizes": "Stroke sizes",
    "any_direction": "Strokes in any direction",
    "style_fit": "Strokes relative to",
    "content_layers": "Content layers",
    "style_layers": "Style layers",
    "style_layer_weights": "Style layer weights",
    "normalisation": "Weight units",
    "centre": "Subtracted colour",
    "init": "Start from",
    "init_noise": "Initial noise",
    "recolour": "Start recoloured",
    "optimiser": "Optimiser",
    "learning_rate": "Learning rate",
    "history": "L-BFGS history",
    "steps": "Steps",
    "sketch": "Sketch steps",
    "scales": "Number of sizes",
    "clamp": "Clamp colours",
    "margin": "Margin",
    "precision": "Precision",
    "seed": "Random seed",
}
"""Labels in the order shown, without `SET_BY_OTHER_CONTROLS`. Options not listed come last, labelled by their names."""

SET_BY_OTHER_CONTROLS = ("content_weight", *MAIN_LABELS)
"""Names of the values set by the strength slider and by the main choices."""

YES_NO = ((True, "yes"), (False, "no"))


@dataclass(frozen=True)
class Option:
    """A recipe value. ``kind`` is `CHOICE`, `NUMBER` or `LIST`; ``values`` are the (value, label) pairs of a choice.

    ``default`` is the schema's default as formatted by `format_value`.
    """

    name: str
    label: str
    help: str
    kind: str
    default: str
    values: Tuple[Tuple[Any, str], ...] = ()
    minimum: float = 0.0
    maximum: float = 0.0
    is_integer: bool = False

    def read(self, text: str) -> Any:
        """Parse the text of a number or list field; None if it is empty. ValueError with a sentence for the user."""
        text = text.strip()
        if not text:
            return None
        if self.kind == LIST:
            entries = [entry.strip() for entry in text.split(",") if entry.strip()]
            return [_number(self, entry) for entry in entries] if self.maximum else entries  # names have no bounds
        return _number(self, text)


def options(welcome: Welcome) -> List[Option]:
    """Return the options of this daemon's schema, without `SET_BY_OTHER_CONTROLS`."""
    schema = {option["name"]: option for option in welcome.options}
    names = [name for name in LABELS if name in schema] + [name for name in schema if name not in LABELS]
    return [_option(schema[name]) for name in names if name not in SET_BY_OTHER_CONTROLS]


def format_value(value: Any) -> str:
    """Format a recipe value as field text, e.g. ``0.5, 1``."""
    if isinstance(value, (list, tuple)):
        return ", ".join(format_value(entry) for entry in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "%.6g" % value if isinstance(value, float) else str(value)


def _option(schema_entry: Dict[str, Any]) -> Option:
    name, kind = schema_entry["name"], schema_entry["type"]
    label = LABELS.get(name, name.replace("_", " "))
    about = (name, label, schema_entry["help"])
    default = format_value(schema_entry["default"])
    least, most = float(schema_entry.get("minimum", 0.0)), float(schema_entry.get("maximum", 0.0))
    if kind == "bool":
        return Option(*about, CHOICE, default, YES_NO)
    if kind.startswith("list"):
        return Option(*about, LIST, default, (), least, most)
    if schema_entry.get("choices"):
        value_labels, unoffered = CHOICE_LABELS.get(name, {}), UNOFFERED.get(name, ())
        offered = [value for value in schema_entry["choices"] if value not in unoffered]
        values = [(value, value_labels.get(value, str(value))) for value in offered]
        return Option(*about, CHOICE, default, tuple(values))
    return Option(*about, NUMBER, default, (), least, most, is_integer=kind == "int")


def _number(option: Option, text: str) -> Any:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{option.label}: {text!r} is not a number.") from None
    if not option.minimum <= value <= option.maximum:
        raise ValueError(f"{option.label}: {text} is not between {option.minimum:g} and {option.maximum:g}.")
    return int(value) if option.is_integer else value
