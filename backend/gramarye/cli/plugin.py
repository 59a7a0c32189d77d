"""``gramarye plugin``: installs the plugin into an editor, removes it, or writes an archive for import."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..plugin_install import gimp, krita
from ..plugin_install.files import PluginFile, write_zip
from ..plugin_install.wheel import constraints, installed_wheel, read_wheel
from .output import json_option, print_json

EDITORS = click.Choice([krita.NAME, gimp.NAME])

_AFTER_INSTALL = {
    krita.NAME: "Restart Krita, then: Filter > Artistic > Gramarye.",
    gimp.NAME: "Restart GIMP, then: Filters > Artistic > Gramarye.",
}
_AFTER_UNINSTALL = {krita.NAME: "Restart Krita if it is open.", gimp.NAME: "Restart GIMP if it is open."}
_AFTER_BUILD = {
    krita.NAME: "in Krita, Tools > Scripts > Import Python Plugin from File.",
    gimp.NAME: "unpack it into a folder of Edit > Preferences > Folders > Plug-ins, and restart GIMP.",
}


@click.group()
def plugin() -> None:
    """Install the plugin into Krita or GIMP, or remove it."""


@plugin.command("install")
@click.argument("editor", type=EDITORS)
@json_option
def install(editor: str, as_json: bool) -> None:
    """Install the plugin into every profile of EDITOR on this account, and enable it."""
    installed = _install_krita() if editor == krita.NAME else _install_gimp()
    if as_json:
        print_json([{"editor": editor, "folder": str(folder), "note": note} for folder, note in installed])
        return
    for folder, note in installed:
        click.echo(f"Installed into {folder}" + (f"\n  {note}" if note else ""))
    click.echo(_AFTER_INSTALL[editor])


@plugin.command("uninstall")
@click.argument("editor", type=EDITORS)
@json_option
def uninstall(editor: str, as_json: bool) -> None:
    """Remove the plugin from every profile of EDITOR on this account. Pictures, settings and networks stay."""
    removed = _uninstall_krita() if editor == krita.NAME else _uninstall_gimp()
    if as_json:
        print_json([{"editor": editor, "folder": str(folder)} for folder in removed])
        return
    for folder in removed:
        click.echo(f"Removed from {folder}")
    click.echo(_AFTER_UNINSTALL[editor] if removed else "The plugin is not installed there.")


@plugin.command("build")
@click.argument("editor", type=EDITORS)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: gramarye-EDITOR.zip.")
@click.option(
    "--wheel", type=click.Path(dir_okay=False, path_type=Path), help="For Krita; default: made of this installation."
)
@json_option
def build(editor: str, output: Path | None, wheel: Path | None, as_json: bool) -> None:
    """Write an archive for Krita's Tools > Scripts > Import Python Plugin, or for GIMP's plug-in folder.

    Krita's archive contains Gramarye itself: the plugin sets it up where there is none.
    """
    path = output or Path(f"gramarye-{editor}.zip")
    write_zip(_krita_archive(wheel) if editor == krita.NAME else gimp.files(), path)
    if as_json:
        print_json({"editor": editor, "output": str(path)})
    else:
        click.echo(f"{path} written: {_AFTER_BUILD[editor]}")


def _krita_archive(path: Path | None) -> list[PluginFile]:
    wheel = installed_wheel() if path is None else read_wheel(path)
    return krita.archive_files(wheel, constraints())


def _install_krita() -> list[tuple[Path, str]]:
    found = krita.profiles(os.environ)
    for profile in found:
        krita.install(profile)
    return [(profile.resources, profile.note) for profile in found]


def _install_gimp() -> list[tuple[Path, str]]:
    found = gimp.profiles(os.environ)
    for profile in found:
        gimp.install(profile)
    return [(profile.plugins, profile.note) for profile in found]


def _uninstall_krita() -> list[Path]:
    found = [profile for profile in krita.profiles(os.environ) if krita.is_installed(profile)]
    for profile in found:
        krita.uninstall(profile)
    return [profile.resources for profile in found]


def _uninstall_gimp() -> list[Path]:
    found = [profile for profile in gimp.profiles(os.environ) if gimp.is_installed(profile)]
    for profile in found:
        gimp.uninstall(profile)
    return [profile.plugins for profile in found]
