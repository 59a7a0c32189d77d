"""``gramarye demo``: paints a picture that comes with Gramarye in every built-in style, in the daemon."""

from __future__ import annotations

import time
from importlib import resources
from pathlib import Path

import click

from gramarye_protocol.messages import Done, Preview
from gramarye_protocol.pixels import PixelBuffer

from ..client import Client, Style
from ..image_files import check_writable, from_image, read_picture, to_image, write_picture
from ..styles.known import KnownStyle, built_in_styles
from .contact_sheet import Cell, contact_sheet
from .job_progress import follow_job
from .output import json_option, print_json
from .painting_options import report_missing_vgg19

_SIDE = 320
_STEPS = 75
"""Fewer than the recipe's, so that the sheet appears soon; at this size the eye sees little difference."""

_COLUMNS = 3


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("gramarye-demo.png"),
    show_default=True,
    help="Where to write the sheet of paintings.",
)
@json_option
def demo(output: Path, as_json: bool) -> None:
    """Paint a picture of a harbour in every built-in style, and write the paintings on one sheet.

    The sheet is written after every painting, so the first can be looked at while the others are painted. Ctrl-C keeps
    those that are done.
    """
    check_writable(output)
    content = read_picture(Path(str(resources.files("gramarye") / "gallery" / "content.png")), max_side=_SIDE)
    began = time.monotonic()
    cells = [Cell(to_image(content), "the picture")]
    with Client() as client:
        report_missing_vgg19(client, "")
        styles = built_in_styles().values()
        for style in styles:
            cell, ending = _paint_cell(client, content, style, as_json)
            if ending.kept:
                raise click.Abort  # Ctrl-C ends the whole demo
            cells.append(cell)
            write_picture(from_image(contact_sheet(cells, _COLUMNS, 1 + len(styles))), output)
    seconds = time.monotonic() - began
    if as_json:
        print_json({"output": str(output), "network": ending.network, "seconds": seconds})
    else:
        click.echo(f"{output}: {len(cells) - 1} paintings by {ending.network} in {seconds:.0f} s")


def _paint_cell(client: Client, content: PixelBuffer, style: KnownStyle, as_json: bool) -> tuple[Cell, Done]:
    job = client.submit(content, [Style(name=style.name)], steps=_STEPS, title=f"demo in {style.title}")
    ending = follow_job(job, as_json, _ignore)
    assert isinstance(ending, Done), "a job with a result is done"
    return Cell(job.result().image, style.title, to_image(read_picture(style.path))), ending


def _ignore(preview: Preview) -> None:
    """Ignore a preview: the demo shows none."""
