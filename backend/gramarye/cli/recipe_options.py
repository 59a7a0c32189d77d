"""Command-line options generated from the recipe's schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from ..engine.recipe import schema

_NO_BOUND = 1e9
"""Upper bounds from this value on are left out, to shorten the help."""


def recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add one option per recipe value; without an option the preset's value is used."""
    for option in reversed(schema()):
        command = _option(option)(command)
    return command


def given_values(options: dict[str, Any]) -> dict[str, Any]:
    """Return the recipe values that are set in a command's keyword arguments."""
    names = {option["name"] for option in schema()}
    return {name: value for name, value in options.items() if name in names and value is not None}


def to_arguments(values: Mapping[str, Any]) -> list[str]:
    """Return the command-line arguments that set these recipe values, floats to six significant digits."""
    arguments = []
    for name, value in values.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            arguments.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            arguments += [f"--{flag}", ",".join(map(_text, value)) if isinstance(value, list) else _text(value)]
    return arguments


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


class _CommaSeparated(click.ParamType[Any]):
    """A list value of the recipe, such as ``relu1_1,relu2_1``."""

    name = "list"

    def __init__(self, entry: type) -> None:
        self._entry = entry

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Split the text and convert its entries; the recipe checks bounds and choices."""
        if not isinstance(value, str):
            return value
        try:
            return [self._entry(text.strip()) for text in value.split(",") if text.strip()]
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _option(option: dict[str, Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    flag = "--" + option["name"].replace("_", "-")
    if option["type"] == "bool":
        return click.option(f"{flag}/--no-{flag[2:]}", default=None, help=option["help"])
    return click.option(flag, type=_type(option), default=None, help=option["help"], metavar=_metavar(option))


def _type(option: dict[str, Any]) -> click.ParamType[Any]:
    kind = option["type"]
    if kind.startswith("list["):
        return _CommaSeparated(float if kind == "list[float]" else str)
    if "choices" in option:
        return click.Choice(option["choices"])
    bounds = option.get("minimum"), option.get("maximum")
    if bounds[1] is not None and bounds[1] >= _NO_BOUND:
        bounds = bounds[0], None  # the recipe still checks it
    return click.IntRange(*bounds) if kind == "int" else click.FloatRange(*bounds)


def _metavar(option: dict[str, Any]) -> str | None:
    if option["type"].startswith("list["):
        return "A,B,..."
    return None if "choices" in option else "NUMBER"
