"""``gramarye diagnostics``: writes a file to attach to a bug report, without private data."""

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
    help="File to write.",
)
def diagnostics(output: Path) -> None:
    """Write information for a bug report into one file.

    It contains versions, the findings of doctor, settings, the number of jobs in each state, and the end of the log.
    It contains no pictures, no titles, no names of pictures, people, machines or folders, and no keys. Look through it
    before you send it.
    """
    members = diagnostics_files()
    try:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members.items():
                archive.writestr(name, text)
    except OSError as error:
        raise InputError(
            "output-failed", f"{output} cannot be written: {error.strerror}.", "Choose another file: -o FILE.zip"
        ) from None
    click.echo(str(output))
