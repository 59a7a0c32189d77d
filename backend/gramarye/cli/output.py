"""Output of commands: text for people, JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Output:
    """Output options of the running command: ``as_json`` from ``--json``, ``debug`` from ``--debug``."""

    as_json: bool = False
    debug: bool = False


def json_option(command: Command) -> Command:
    """Add ``--json``, which is passed to the command as ``as_json``."""

    def remember(context: click.Context, _: click.Parameter, value: bool) -> bool:
        context.ensure_object(Output).as_json = value
        return value

    option = click.option(
        "--json", "as_json", is_flag=True, is_eager=True, callback=remember, help="Print JSON, for scripts."
    )
    return option(command)


def debug_option(command: Command) -> Command:
    """Add ``--debug``, which is stored in `Output`."""

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
    """Print a JSON value on one line of standard output."""
    click.echo(json.dumps(value, ensure_ascii=False))


def print_error(code: str, message: str, hint: str, as_json: bool) -> None:
    """Print an error and its hint on standard error; with ``as_json``, also as JSON on standard output."""
    if as_json:
        print_json({"error": {"code": code, "message": message, "hint": hint}})
    click.echo(f"gramarye: {message}" + (f"\n  {hint}" if hint else "") + f"  [{code}]", err=True)
