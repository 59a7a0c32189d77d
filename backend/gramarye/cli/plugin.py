"""``gramarye plugin``: into the editors, or into an archive that an editor imports."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..plugins import krita
from ..plugins.files import write_zip
from .output import json_option, print_json

EDITORS = click.Choice([krita.NAME])


@click.group()
def plugin() -> None:
    """Install the plugin into Krita or GIMP."""


@plugin.command("install")
@click.argument("editor", type=EDITORS)
@json_option
def install(editor: str, as_json: bool) -> None:
    """Install into every profile of EDITOR on this account, and enable it there."""
    installed = [(str(profile.resources), profile.note) for profile in _install_krita()]
    if as_json:
        print_json([{"editor": editor, "folder": folder, "note": note} for folder, note in installed])
        return
    for folder, note in installed:
        click.echo(f"Installed into {folder}" + (f"\n  {note}" if note else ""))
    click.echo("Restart Krita, then: Filters > Artistic > Gramarye.")


@plugin.command("build")
@click.argument("editor", type=EDITORS)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: gramarye-EDITOR.zip.")
@json_option
def build(editor: str, output: Path | None, as_json: bool) -> None:
    """Write an archive: for Krita's Tools > Scripts > Import Python Plugin."""
    path = output or Path(f"gramarye-{editor}.zip")
    write_zip(krita.files(), path)
    if as_json:
        print_json({"editor": editor, "output": str(path)})
    else:
        click.echo(f"{path} written: in Krita, Tools > Scripts > Import Python Plugin from File.")


def _install_krita() -> list[krita.Profile]:
    found = krita.profiles(os.environ)
    for profile in found:
        krita.install(profile)
    return found
