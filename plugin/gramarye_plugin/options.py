"""Every value of the daemon's recipe schema as both editors offer it: in the same words, and empty for unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

from gramarye_protocol.messages import Welcome

from .choices import CHOICE_LABELS, UNOFFERED
from .choices import LABELS as MAIN_LABELS

CHOICE, NUMBER, LIST = "choice", "number", "list"
"""How an option is shown: entries to choose from, a number, or entries separated by commas."""

LABELS: Dict[str, str] = {
    "style_weight": "Style weight",
    "tv_weight": "Smoothness",
    "laplacian_weight": "Fine edges",
    "histogram_weight": "Evenness of colour",
    "statistic": "Style measured by",
    "blend": "Several styles",
    "stroke_sizes": "Stroke sizes",
    "any_direction": "Strokes in any direction",
    "style_fit": "Strokes relative to",
    "content_layers": "Content layers",
    "style_layers": "Style layers",
    "style_layer_weights": "Style layers' weights",
    "normalisation": "Units of weights",
    "centre": "Centre of colours",
    "init": "Start from",
    "init_noise": "Noise at the start",
    "recolour": "Start recoloured",
    "optimiser": "Optimiser",
    "learning_rate": "Learning rate",
    "history": "Remembered steps",
    "steps": "Steps",
    "sketch": "Steps of the sketch",
    "scales": "Sizes",
    "clamp": "Keep within black and white",
    "margin": "Margin",
    "precision": "Precision",
    "seed": "Number for the noise",
}
"""In this order, without what the strength and the choices at first sight set; any others show by their names, last."""

SET_BY_OTHER_CONTROLS = ("content_weight", *MAIN_LABELS)
"""What other controls set."""

YES_NO = ((True, "yes"), (False, "no"))


@dataclass(frozen=True)
class Option:
    """A value of the recipe. ``kind`` is `CHOICE`, `NUMBER` or `LIST`; ``values`` are a choice's, with their words.

    ``default`` is the default preset's value, as `format_value`.
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
        """What the artist wrote in a number's or list's field; None for nothing. ValueError in words."""
        text = text.strip()
        if not text:
            return None
        if self.kind == LIST:
            entries = [entry.strip() for entry in text.split(",") if entry.strip()]
            return [_number(self, entry) for entry in entries] if self.maximum else entries  # names have no bounds
        return _number(self, text)


def options(welcome: Welcome) -> List[Option]:
    """Those of this daemon's schema, without what other controls set."""
    schema = {option["name"]: option for option in welcome.options}
    names = [name for name in LABELS if name in schema] + [name for name in schema if name not in LABELS]
    return [_option(schema[name]) for name in names if name not in SET_BY_OTHER_CONTROLS]


def format_value(value: Any) -> str:
    """A recipe's value as it stands in a field."""
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
        words, unasked = CHOICE_LABELS.get(name, {}), UNOFFERED.get(name, ())
        values = [(value, words.get(value, str(value))) for value in schema_entry["choices"] if value not in unasked]
        return Option(*about, CHOICE, default, tuple(values))
    return Option(*about, NUMBER, default, (), least, most, is_integer=kind == "int")


def _number(option: Option, text: str) -> Any:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{option.label}: {text!r} is no number.") from None
    if not option.minimum <= value <= option.maximum:
        raise ValueError(f"{option.label}: {text} does not lie within {option.minimum:g} and {option.maximum:g}.")
    return int(value) if option.is_integer else value
