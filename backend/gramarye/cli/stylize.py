"""``gramarye stylize``: paints a picture in the style of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gramarye_protocol.messages import Done, WatchOptions

from ..client import Client, Painting
from ..image_files import check_writable, read_picture
from .continue_option import resolve_continue_job
from .job_progress import follow_job
from .option_groups import SectionedCommand
from .output import json_option, print_json
from .painting_options import network_name, picture_options, preset_options, report_missing_vgg19
from .recipe_options import given_values, recipe_options
from .save_every import IterateSaver
from .style_argument import parse_styles, styles_title

_UNLIMITED_SIDE = 1 << 20
_INTERRUPTED = 130


@click.command(cls=SectionedCommand)
@picture_options("File to write: PNG, JPEG, TIFF or WebP.")
@preset_options
@click.option(
    "--start", type=click.Path(path_type=Path), metavar="PICTURE", help="Start from this picture (sets --init picture)."
)
@click.option(
    "--continue",
    "continues",
    metavar="JOB|last",
    help="Start from the painting of a finished job (see `gramarye jobs`; last: the latest), with a quarter of the"
    " steps. Styles, values and picture may differ from those of that job.",
)
@click.option(
    "--save-every", type=click.IntRange(min=1), metavar="N", help="Also write the iterate after every N steps."
)
@recipe_options
@json_option
def stylize(
    content: Path,
    styles: tuple[str, ...],
    regions: tuple[str, ...],
    mix: float | None,
    output: Path,
    preset: str,
    network: str | None,
    size: int | None,
    start: Path | None,
    continues: str | None,
    save_every: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Paint CONTENT in the style of other pictures.

    Uses the running daemon, or starts one. Ctrl-C keeps the best painting so far.
    """
    if start is not None and continues is not None:
        raise click.UsageError("--start and --continue cannot be used together.")
    check_writable(output)
    pixels = read_picture(content, max_side=size or 0)
    check_writable(output, pixels)
    recipe = given_values(options)
    if start is not None:
        recipe["init"] = "picture"
    chosen = parse_styles(styles, regions, mix)
    name = network_name(network)
    iterate_saver = IterateSaver(output, save_every or 0, as_json)
    with Client() as client:
        report_missing_vgg19(client, name)
        job = client.submit(
            pixels,
            chosen,
            preset,
            network=name,
            start=None if start is None else read_picture(start),
            continues="" if continues is None else resolve_continue_job(client, continues),
            title=f"{content.name} in {styles_title(chosen)}",
            watch=WatchOptions(preview_side=_UNLIMITED_SIDE, preview_steps=save_every or 0),
            **recipe,
        )
        ending = follow_job(job, as_json, iterate_saver.save)
        iterate_saver.report_skipped(ending)
        painting = job.result()
    painting.save(output)
    assert isinstance(ending, Done), "a job with a result is done"
    _report(ending, painting, output, as_json)


def _report(ending: Done, painting: Painting, output: Path, as_json: bool) -> None:
    if as_json:
        print_json({"output": str(output), "network": painting.network, "job": painting.job, "recipe": painting.recipe})
    else:
        click.echo(f"{output}: {ending.steps} steps in {ending.seconds:.1f} s with {ending.network} on {ending.device}")
    if ending.kept:
        raise click.exceptions.Exit(_INTERRUPTED)
