"""``--daemon``: another daemon than this user's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..files.paths import DAEMON_VARIABLE

Command = TypeVar("Command", bound=Callable[..., Any])


def daemon_option(command: Command) -> Command:
    """Add ``--daemon FILE``, which goes into the environment, where every client looks (`client.whereabouts`)."""

    def remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:  # noqa: ARG001
        if value:
            os.environ[DAEMON_VARIABLE] = os.path.abspath(value)

    option = click.option(
        "--daemon",
        metavar="FILE",
        expose_value=False,
        callback=remember,
        help="Use the daemon that a pass of `gramarye keys add` names, rather than your own here "
        "(GRAMARYE_DAEMON says the same).",
    )
    return option(command)
