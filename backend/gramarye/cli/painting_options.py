"""What a command that paints is told: the picture, the styles, where to write, network and size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..engine.recipe import DEFAULT_PRESET, presets
from ..weights.store import resolve

Command = Callable[..., Any]


def picture_options(output: str) -> Callable[[Command], Command]:
    """CONTENT, ``--style`` and ``--output``, whose help is ``output``."""
    return _all(
        click.argument("content", type=click.Path(path_type=Path)),
        click.option(
            "-s",
            "--style",
            "styles",
            multiple=True,
            required=True,
            metavar="PICTURE[:WEIGHT[:SCALE]]",
            help="Whose style to paint in: a file or a known style's name; repeat it to blend.",
        ),
        click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help=output),
    )


def manner_options(command: Command) -> Command:
    """``--preset``, ``--network`` and ``--size``."""
    return _all(
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

    Errors: those of `weights.store.resolve`.
    """
    return resolve(network).name if network else ""


def _all(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Options in the order that the help shows them."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate
