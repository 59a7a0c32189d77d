"""How commands speak: to people on a terminal, or as JSON to scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Output:
    """What the running command was told: ``as_json`` by ``--json``, ``debug`` by ``--debug``."""

    as_json: bool = False
    debug: bool = False


def json_option(command: Command) -> Command:
    """Add ``--json``; the command then takes ``as_json``."""

    def remember(context: click.Context, _: click.Parameter, value: bool) -> bool:
        context.ensure_object(Output).as_json = value
        return value

    option = click.option(
        "--json", "as_json", is_flag=True, is_eager=True, callback=remember, help="Print JSON, for scripts."
    )
    return option(command)


def debug_option(command: Command) -> Command:
    """Add ``--debug``, which `Output` then holds."""

    def remember(context: click.Context, _: click.Parameter, value: bool) -> None:
        context.ensure_object(Output).debug = value

    option = click.option(
        "--debug",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=remember,
        help="Show the traceback of an error.",
    )
    return option(command)


def print_json(value: object) -> None:
    """One JSON value on one line of standard output."""
    click.echo(json.dumps(value, ensure_ascii=False))


def print_error(code: str, message: str, hint: str, as_json: bool) -> None:
    """An error as a sentence and what to do, on standard error; with ``--json`` on standard output too."""
    if as_json:
        print_json({"error": {"code": code, "message": message, "hint": hint}})
    click.echo(f"gramarye: {message}" + (f"\n  {hint}" if hint else "") + f"  [{code}]", err=True)
