"""``gramarye diagnostics``: one file to send along with a report, with nothing private in it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import click

from ..errors import InputError
from .diagnostics_bundle import diagnostics_files


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("gramarye-diagnostics.zip"),
    show_default=True,
    help="Where to write it.",
)
def diagnostics(output: Path) -> None:
    """Write what helps to find a mistake into one file.

    It holds versions, what doctor finds, settings, how many jobs came to what, and the end of the log: no pictures, no
    titles, no names of pictures, people, machines or folders, no keys. Look through it before you send it.
    """
    members = diagnostics_files()
    try:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members.items():
                archive.writestr(name, text)
    except OSError as error:
        raise InputError(
            "output-failed", f"{output} cannot be written: {error.strerror}.", "Choose another place: -o FILE.zip"
        ) from None
    click.echo(str(output))
