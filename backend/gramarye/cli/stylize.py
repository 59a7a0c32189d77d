"""``gramarye stylize``: one picture in the style of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gramarye_protocol.messages import Done, Watching

from ..client import Client, Painting
from ..engine.recipe import DEFAULT_PRESET, presets
from ..images import check_writable, read_picture
from ..weights.store import resolve
from .follow import follow
from .output import json_option, print_json
from .recipe_options import given_values, recipe_options
from .saver import Saver
from .style_argument import mixed, parse_region, parse_style, title_of

_ANY_SIDE = 1 << 20
_INTERRUPTED = 130


@click.command()
@click.argument("content", type=click.Path(path_type=Path))
@click.option(
    "-s",
    "--style",
    "styles",
    multiple=True,
    metavar="PICTURE[:WEIGHT[:SCALE]][@PART]",
    help="Whose style to paint in: a file or a known style's name; repeat it to blend. PART: a mask of what counts.",
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="MASK=STYLE",
    help="Paint where the picture MASK is white, or opaque, in a style as for --style, whose weight is its strength; "
    "repeat it. The other styles paint the rest; without any, the rest stays.",
)
@click.option(
    "--mix", type=click.FloatRange(0.0, 100.0), metavar="PERCENT", help="Between two styles: how much of the second."
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="PNG, JPEG, TIFF or WebP.")
@click.option(
    "--preset",
    type=click.Choice(sorted(presets())),
    default=DEFAULT_PRESET,
    show_default=True,
    help="Recipe to start from.",
)
@click.option(
    "--network",
    metavar="draft|vgg19|NAME|PATH",
    help="draft: the small one that is always there; vgg19: the full one. Default: the best installed.",
)
@click.option(
    "--size",
    type=click.IntRange(min=16),
    metavar="PIXELS",
    help="Longest side of the painting; a smaller picture is never enlarged. Default: the picture's own.",
)
@click.option(
    "--start", type=click.Path(path_type=Path), metavar="PICTURE", help="Start from this picture (sets --init picture)."
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
    save_every: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Paint CONTENT in the style of other pictures.

    Uses the running daemon, or starts one. Ctrl-C keeps the best painting so far.
    """
    check_writable(output)
    pixels = read_picture(content, max_side=size or 0)
    check_writable(output, pixels)
    recipe = given_values(options)
    if start is not None:
        recipe["init"] = "picture"
    chosen = [parse_style(text) for text in styles]
    if mix is not None:
        chosen = mixed(chosen, mix)
    chosen += [parse_region(text) for text in regions]
    if not chosen:
        raise click.UsageError("Name a style with --style, or a region with --region.")
    name = resolve(network).name if network else ""  # a file is imported here: messages carry names only
    saver = Saver(output, save_every or 0, as_json)
    with Client() as client:
        job = client.submit(
            pixels,
            chosen,
            preset,
            network=name,
            start=None if start is None else read_picture(start),
            title=f"{content.name} in {title_of(chosen)}",
            watch=Watching(preview_side=_ANY_SIDE, preview_steps=save_every or 0),
            **recipe,
        )
        ending = follow(job, as_json, saver.save)
        saver.report_skipped(ending)
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
