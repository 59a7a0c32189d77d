"""``--daemon``: selects a daemon other than the user's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..files.paths import DAEMON_VARIABLE

Command = TypeVar("Command", bound=Callable[..., Any])


def daemon_option(command: Command) -> Command:
    """Add ``--daemon FILE``; it sets the environment variable that every client reads (see `client.daemon_file`)."""

    def remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:  # noqa: ARG001
        if value:
            os.environ[DAEMON_VARIABLE] = os.path.abspath(value)

    option = click.option(
        "--daemon",
        metavar="FILE",
        expose_value=False,
        callback=remember,
        help="Use the daemon described by FILE (a pass from `gramarye keys add`) instead of your own "
        "(same as GRAMARYE_DAEMON).",
    )
    return option(command)
