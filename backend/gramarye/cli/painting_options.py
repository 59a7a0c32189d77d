"""What a command that paints is told: the picture, the styles, where to write, network and size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..client.daemon_file import daemon_file_from_env
from ..engine.recipe import DEFAULT_PRESET, presets
from ..errors import InputError

Command = Callable[..., Any]


def picture_options(output: str) -> Callable[[Command], Command]:
    """CONTENT, ``--style``, ``--region``, ``--mix``, and ``--output``, whose help is ``output``."""
    return _combine(
        click.argument("content", type=click.Path(path_type=Path)),
        click.option(
            "-s",
            "--style",
            "styles",
            multiple=True,
            metavar="PICTURE[:WEIGHT[:SCALE]][@PART]",
            help="Whose style to paint in: a file or a known style's name; repeat it to blend. PART is a mask of what"
            " counts of it.",
        ),
        click.option(
            "--region",
            "regions",
            multiple=True,
            metavar="MASK=STYLE",
            help="Paint where the picture MASK is white, or opaque, in a style as for --style, whose weight is its"
            " strength; repeat it. The other styles paint the rest; without any, the rest stays.",
        ),
        click.option(
            "--mix",
            type=click.FloatRange(0.0, 100.0),
            metavar="PERCENT",
            help="Between two styles: how much of the second.",
        ),
        click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help=output),
    )


def preset_options(command: Command) -> Command:
    """``--preset``, ``--network`` and ``--size``."""
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
            help="draft: the small one that is always there; vgg19: the full one. Default: the best installed.",
        ),
        click.option(
            "--size",
            type=click.IntRange(min=16),
            metavar="PIXELS",
            help="Longest side of the painting; a smaller picture is never enlarged. Default: the picture's own.",
        ),
    )(command)


def network_name(network: str | None) -> str:
    """What a message calls the network: a file is imported here. "" leaves the choice to the daemon.

    A daemon that a file names has networks of its own, which it knows by name. Errors: those of
    `weights.importing.resolve`, ``network-elsewhere``.
    """
    if not network:
        return ""
    if daemon_file_from_env() is None:
        from ..weights.importing import resolve  # the formats' readers take a while to import

        return resolve(network).name
    if Path(network).name != network or Path(network).is_file():
        raise InputError(
            "network-elsewhere",
            f"{network} is a file here, and the daemon is elsewhere.",
            "Import it there (gramarye weights import), and name it.",
        )
    return network


def _combine(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Options in the order that the help shows them."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate
