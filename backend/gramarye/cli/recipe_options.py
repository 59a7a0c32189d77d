"""The recipe's schema as command-line options: what the schema gains, the command line has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..engine.recipe import schema

_TYPES: dict[str, click.ParamType[Any]] = {"int": click.INT, "float": click.FLOAT, "str": click.STRING}


def recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add one option per recipe value; unset ones leave the preset's."""
    for option in reversed(schema()):
        command = _option(option)(command)
    return command


def given_values(options: dict[str, Any]) -> dict[str, Any]:
    """Of a command's keyword arguments, the recipe values that were given."""
    names = {option["name"] for option in schema()}
    return {name: value for name, value in options.items() if name in names and value is not None}


def _option(option: dict[str, Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    raise NotImplementedError(option)
