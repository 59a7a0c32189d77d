"""``gramarye styles``: lists, adds and removes styles known by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ..errors import GramaryeError
from ..image_files import read_picture
from ..styles.known import KnownStyle, built_in_styles, known_styles
from ..styles.user_folder import add_style, remove_style
from .output import json_option, print_json


@click.group()
def styles() -> None:
    """List, add and remove styles known by name."""


@styles.command("list")
@json_option
def list_styles(as_json: bool) -> None:
    """List the built-in styles and your own."""
    found = [_described(style) for style in known_styles().values()]
    if as_json:
        print_json(found)
        return
    table = Table("style", "whose", "size", box=None)
    for style in found:
        size = style["error"] or f"{style['width']} x {style['height']}"
        table.add_row(style["name"], "built in" if style["built_in"] else "yours", size)
    Console().print(table)


@styles.command("add")
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the style; default: the name of the file.")
@click.option("--replace", is_flag=True, help="Replace your style of that name.")
@json_option
def add(picture: Path, name: str | None, replace: bool, as_json: bool) -> None:
    """Add PICTURE as a style that can be used by name."""
    style = add_style(picture, name, replace)
    if as_json:
        print_json(_described(style))
        return
    hides = " (it hides the built-in one)" if style.name in built_in_styles() else ""
    click.echo(f"{style.name} added{hides}: gramarye stylize PICTURE --style {style.name!r} -o OUT.png")


@styles.command("remove")
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Remove one of your own styles; the original picture is kept."""
    remove_style(name)
    if as_json:
        print_json({"removed": name})
    else:
        click.echo(f"{name} removed")


def _described(style: KnownStyle) -> dict[str, Any]:
    """Return a style's values for JSON output; ``error`` is the reason its file cannot be read, or empty."""
    said: dict[str, Any] = {"name": style.name, "built_in": style.is_built_in, "path": str(style.path)}
    try:
        pixels = read_picture(style.path)
    except GramaryeError as error:
        return {**said, "width": 0, "height": 0, "error": error.message}
    return {**said, "width": pixels.width, "height": pixels.height, "error": ""}
