"""Arguments and options of the commands that paint: picture, styles, output, network and size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..client import Client
from ..client.daemon_file import daemon_file_from_env
from ..engine.recipe import DEFAULT_PRESET, presets
from ..errors import InputError

Command = Callable[..., Any]


def picture_options(output: str) -> Callable[[Command], Command]:
    """Add CONTENT, ``--style``, ``--region``, ``--mix`` and ``--output``; ``output`` is the help text of the last."""
    return _combine(
        click.argument("content", type=click.Path(path_type=Path)),
        click.option(
            "-s",
            "--style",
            "styles",
            multiple=True,
            metavar="PICTURE[:WEIGHT[:SCALE]][@PART]",
            help="Style to paint in: a picture file, or the name of a known style; repeat it to blend styles. PART is a"
            " mask of the part of the picture to use.",
        ),
        click.option(
            "--region",
            "regions",
            multiple=True,
            metavar="MASK=STYLE",
            help="Paint STYLE (as for --style; its weight is the strength) where the picture MASK is white or opaque."
            " Can be repeated. The styles of --style paint the rest; without them the rest is kept.",
        ),
        click.option(
            "--mix",
            type=click.FloatRange(0.0, 100.0),
            metavar="PERCENT",
            help="Blend two styles, with PERCENT of the second.",
        ),
        click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help=output),
    )


def preset_options(command: Command) -> Command:
    """Add ``--preset``, ``--network`` and ``--size``."""
    return _combine(
        click.option(
            "--preset",
            type=click.Choice(sorted(presets())),
            default=DEFAULT_PRESET,
            show_default=True,
            help="Recipe to start from.",
        ),
        click.option(
            "--network",
            metavar="draft|vgg19|NAME|PATH",
            help="vgg19: the full network (the default); draft: a small one for weak machines, in a third of the time.",
        ),
        click.option(
            "--size",
            type=click.IntRange(min=16),
            metavar="PIXELS",
            help="Longest side of the painting; a smaller picture is not enlarged. Default: the picture's.",
        ),
    )(command)


def network_name(network: str | None) -> str:
    """Return the network name to send to the daemon; a weight file is imported first. "" lets the daemon choose.

    If GRAMARYE_DAEMON selects another daemon, only names are accepted, because that daemon has its own networks.
    Errors: those of `weights.importing.resolve`, ``network-elsewhere``.
    """
    if not network:
        return ""
    if daemon_file_from_env() is None:
        from ..weights.importing import resolve  # slow to import

        return resolve(network).name
    if Path(network).name != network or Path(network).is_file():
        raise InputError(
            "network-elsewhere",
            f"{network} is a file on this machine, but the daemon runs elsewhere.",
            "Import it there (gramarye weights import), then give its name.",
        )
    return network


def report_missing_vgg19(client: Client, network: str) -> None:
    """Print the daemon's notice that VGG19 cannot be used, if it chooses the ``network`` and has such a notice."""
    if client.welcome.notice and not network:
        click.echo(f"gramarye: {client.welcome.notice}", err=True)


def _combine(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Combine decorators into one that adds the options in this order to the help."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate
