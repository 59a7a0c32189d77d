"""Declare the procedure's arguments and read them."""

from __future__ import annotations

from typing import Any, NamedTuple

from gi.repository import Gimp, GLib, GObject

from gramarye_plugin import labels
from gramarye_plugin.choices import LABELS
from gramarye_plugin.settings import NEUTRAL_STRENGTH, PaintSettings

from .failures import paint_error
from .json_arguments import parse_recipe
from .translations import tr

_FLAGS = GObject.ParamFlags.READWRITE


STYLE_ARGUMENTS = ("style-layer", "style-file", "style")


LIVE_PREVIEW = "live-preview"
"""Whether the dialog shows a quick preview; not an argument for scripts."""

RANGES = {"strength": (0, 100), "stroke": (0.1, 4.0), "mix": (0, 100)}
"""Argument -> its least and its greatest value."""


class StyleChoice(NamedTuple):
    """The chosen style: the layer if given, else the file if given, else the name of a style that the daemon knows."""

    layer: Any
    file: Any
    name: str


def argument_name(name: str) -> str:
    """Return GIMP's name of a recipe value; GIMP allows no underscores."""
    return name.replace("_", "-")


def declare_arguments(procedure: Any) -> None:
    """Add the arguments and the return value to the procedure."""
    procedure.add_string_argument("style", "_Style", "A style that Gramarye knows by name", "", _FLAGS)
    procedure.add_file_argument(  # with OPEN, GIMP's own message for a missing file is unclear
        "style-file", "_Picture", "A picture file as style", Gimp.FileChooserAction.ANY, True, None, _FLAGS
    )
    procedure.add_layer_argument("style-layer", "_Layer", "Another layer as style", True, _FLAGS)
    # GIMP replaces values that are out of an argument's range, so the ranges are checked here
    procedure.add_int_argument(
        "strength",
        tr("Str_ength"),
        tr("0: the layer's forms; 100: only the style's"),
        -GLib.MAXINT,
        GLib.MAXINT,
        NEUTRAL_STRENGTH,
        _FLAGS,
    )
    procedure.add_double_argument(
        "stroke",
        tr("Stroke si_ze"),
        tr("Size of the strokes; 1: the style as large as the layer"),
        -GLib.MAXFLOAT,
        GLib.MAXFLOAT,
        1.0,
        _FLAGS,
    )
    procedure.add_string_argument(
        "second-style", labels.SECOND_STYLE, "A style's name, or a picture file's path; empty: none", "", _FLAGS
    )
    procedure.add_int_argument(
        "mix", tr(labels.MIX), tr(labels.MIX_HELP), -GLib.MAXINT, GLib.MAXINT, NEUTRAL_STRENGTH, _FLAGS
    )
    procedure.add_string_argument(
        "regions",
        labels.REGIONS,
        "Layers whose opaque parts have styles of their own, as JSON: "
        '[{"layer": "sky", "style": "swirls", "weight": 1}]; '
        "a layer by name or number, a style by name or a picture file's path",
        "",
        _FLAGS,
    )
    procedure.add_boolean_argument("keep-rest", labels.KEEP_REST, labels.KEEP_REST_HELP, False, _FLAGS)
    procedure.add_boolean_argument("keep-blending", labels.KEEP_BLENDING, labels.KEEP_BLENDING_HELP, False, _FLAGS)
    procedure.add_string_argument(
        "continues",
        labels.CONTINUE_LAST,
        "The painting to continue: last, a job's name, or afresh for none; in a script, empty means none",
        "",
        _FLAGS,
    )
    procedure.add_string_argument("preset", "_Recipe", "A recipe's name; empty: the default", "", _FLAGS)
    procedure.add_string_argument(
        "network", "_Network", "A network's name, such as draft; empty: the best installed", "", _FLAGS
    )
    for name, label in LABELS.items():
        procedure.add_string_argument(
            argument_name(name), label, f"Replaces the recipe's {name}; empty: unchanged", "", _FLAGS
        )
    procedure.add_string_argument(
        "recipe",
        "Further _values",
        'Values of the recipe as JSON: {"steps": 60}; see gramarye stylize --help',
        "",
        _FLAGS,
    )
    procedure.add_boolean_aux_argument(LIVE_PREVIEW, "Quick preview", "Show it in the dialog", True, _FLAGS)
    procedure.add_layer_return_value("layer", "Layer", "The painting, above its layer", False, _FLAGS)


def settings_from_config(config: Any) -> PaintSettings:
    """Return the settings in the arguments. Errors: ``recipe-bad-value``, ``setting-range``."""
    for name, (lowest, highest) in RANGES.items():
        value = config.get_property(name)
        if not lowest <= value <= highest:
            message = f"{name} is {value:g}, which is out of its range."
            raise paint_error("setting-range", message, f"Choose a value from {lowest:g} to {highest:g}.")
    values = parse_recipe(config.get_property("recipe") or "")
    chosen = {name: config.get_property(argument_name(name)) for name in LABELS}
    values.update({name: value for name, value in chosen.items() if value})
    return PaintSettings(
        strength=config.get_property("strength"),
        stroke=config.get_property("stroke"),
        preset=config.get_property("preset") or "",
        network=config.get_property("network") or "",
        recipe=values,
    )


def style_from_config(config: Any) -> StyleChoice:
    """Return the style in the arguments."""
    return StyleChoice(
        config.get_property("style-layer"), config.get_property("style-file"), config.get_property("style") or ""
    )


def set_style(config: Any, choice: StyleChoice) -> None:
    """Set the style arguments to ``choice`` and clear the others."""
    config.set_property("style-layer", choice.layer)
    config.set_property("style-file", choice.file)
    config.set_property("style", choice.name)
