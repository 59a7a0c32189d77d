"""``gramarye variations``: paints eight small variations on one sheet; each can be continued at full size."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gramarye_plugin.settings import PaintSettings
from gramarye_plugin.variations import (
    COLUMNS,
    DEFAULT_SLIDERS,
    MIDDLE,
    SLIDERS,
    VARIATION_SIDE,
    Variation,
    downscaled_settings,
    variations,
)
from gramarye_protocol.messages import Done, Event, Preview, WatchOptions
from gramarye_protocol.messages import Progress as Step
from gramarye_protocol.pixels import PixelBuffer

from ..client import Client, Job, Painting, Style
from ..client.pixels import to_pixel_buffer
from ..engine.recipe import DEFAULT_PRESET, presets
from ..image_files import check_writable, from_image, read_picture, to_image, write_picture
from ..pixels.layer import alpha_coverage, to_picture, to_preview_buffer
from .contact_sheet import Cell, contact_sheet
from .job_progress import dispatch_events
from .option_groups import SectionedCommand
from .output import json_option, print_json
from .painting_options import network_name, picture_options, preset_options, report_missing_vgg19
from .recipe_options import given_values, recipe_options, to_arguments
from .style_argument import parse_styles, style_arguments, styles_title

_STYLE_SIDE = 4 * VARIATION_SIDE
"""Longest side of a style picture in pixels: enough for a small painting, even with the largest strokes."""

_INTERRUPTED = 130


@click.command("variations", cls=SectionedCommand, short_help="Paint eight small variations on one sheet.")
@picture_options("File for the sheet: PNG, JPEG, TIFF or WebP.")
@click.option(
    "--vary",
    "sliders",
    multiple=True,
    default=DEFAULT_SLIDERS,
    show_default=True,
    type=click.Choice(tuple(SLIDERS)),
    help="The two settings that vary: the first from row to row, the second from column to column.",
)
@preset_options
@recipe_options
@json_option
def variations_command(
    content: Path,
    styles: tuple[str, ...],
    regions: tuple[str, ...],
    mix: float | None,
    output: Path,
    sliders: tuple[str, ...],
    preset: str,
    network: str | None,
    size: int | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Paint CONTENT eight times at a small size, with settings around the given ones, on one sheet.

    Then print the command that continues each of the eight at full size. Ctrl-C keeps the paintings made so far.
    """
    check_writable(output)
    given = given_values(options)
    paint_settings, values = PaintSettings(preset=preset, recipe=given), presets()[preset].recipe.to_dict()
    try:
        eight = variations(paint_settings, values, sliders)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    request = _Request(content, tuple(parse_styles(styles, regions, mix)), output, network, size)
    layer = read_picture(content, max_side=min(size or VARIATION_SIDE, VARIATION_SIDE))
    zoom = max(layer.width, layer.height) / _longest_side(content, size)
    fits_content = {**values, **given}["style_fit"] == "content"
    pictures = [_with_picture_read(style, _STYLE_SIDE if fits_content else 0) for style in request.styles]
    name = network_name(network)
    painted: list[_PaintedVariation] = []
    with Client() as client, _ProgressBar(len(eight), as_json) as bar, suppress(KeyboardInterrupt):
        report_missing_vgg19(client, name)
        for variation in eight:
            bar.begin(variation.label)
            small_settings = downscaled_settings(variation.paint_settings, values, zoom)
            job = client.submit(
                layer,
                [replace(style, scale=style.scale * small_settings.stroke) for style in pictures],
                preset,
                network=name,
                title=f"{content.name} in {styles_title(request.styles)}: {variation.label}",
                watch=WatchOptions(ends_with_client=True),
                **small_settings.values(client.welcome),
            )
            ending, painting = _wait_for_painting(job, bar)
            command = request.continue_command(variation, client, painting.job)
            painted.append(_PaintedVariation(variation, painting, command, ending.kept))
            if as_json:
                print_json(painted[-1].to_json())
            if ending.kept:
                break
    if not painted:
        raise click.Abort
    write_picture(from_image(_sheet(layer, eight, painted)), output)
    _report(output, painted, as_json)
    if len(painted) < len(eight) or painted[-1].is_cut_short:
        raise click.exceptions.Exit(_INTERRUPTED)


@dataclass(frozen=True)
class _Request:
    """The command's arguments that the printed commands repeat."""

    content: Path
    styles: tuple[Style, ...]
    output: Path
    network: str | None
    size: int | None

    def continue_command(self, variation: Variation, client: Client, job: str) -> str:
        """Return the shell command that continues a variation at full size."""
        paint_settings = variation.paint_settings
        words = ["gramarye", "stylize", str(self.content)]
        for style in self.styles:
            words += style_arguments(replace(style, scale=style.scale * paint_settings.stroke))
        words += ["-o", str(self.output.with_stem(f"{self.output.stem}-{_number(variation)}"))]
        words += ["--preset", paint_settings.preset] if paint_settings.preset != DEFAULT_PRESET else []
        words += ["--network", self.network] if self.network else []
        words += ["--size", str(self.size)] if self.size else []
        return shlex.join([*words, *to_arguments(paint_settings.values(client.welcome)), "--continue", job])


@dataclass(frozen=True, eq=False)
class _PaintedVariation:
    """A finished variation, and the command that continues it."""

    variation: Variation
    painting: Painting
    command: str
    is_cut_short: bool

    def to_json(self) -> dict[str, Any]:
        """Return the values for JSON output."""
        return {
            "number": _number(self.variation),
            "label": self.variation.label,
            "job": self.painting.job,
            "network": self.painting.network,
            "recipe": self.painting.recipe,
            "command": self.command,
        }


class _ProgressBar:
    """One progress bar on standard error for all variations; hidden with JSON output."""

    def __init__(self, count: int, is_silent: bool) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True, quiet=is_silent),
        )
        self._count = count
        self._begun = 0
        self._task = self._progress.add_task("waiting", total=count)

    def __enter__(self) -> _ProgressBar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, label: str) -> None:
        """Start the next variation."""
        self._begun += 1
        description = f"painting {self._begun} of {self._count}: {label}"
        self._progress.update(self._task, description=description, completed=self._begun - 1)

    def show(self, event: Event) -> None:
        """Update the bar after an event."""
        if isinstance(event, Step):
            self._progress.update(self._task, completed=self._begun - 1 + event.step / event.total)
        elif isinstance(event, Done):
            self._progress.update(self._task, completed=self._begun)


def _wait_for_painting(job: Job, bar: _ProgressBar) -> tuple[Done, Painting]:
    ending, painting = dispatch_events(job, bar.show, _ignore), job.result()
    assert isinstance(ending, Done), "a job with a result is done"
    return ending, painting


def _longest_side(content: Path, size: int | None) -> int:
    """Return the longest side of the painting at full size, in pixels."""
    with Image.open(content) as image:
        return min(max(image.size), size or max(image.size))


def _with_picture_read(style: Style, side: int) -> Style:
    """Return the style with its picture loaded, reduced to at most ``side`` pixels (0: not reduced)."""
    if style.picture is None:
        return style
    picture = read_picture(style.picture, max_side=side) if isinstance(style.picture, Path) else style.picture
    return replace(style, picture=to_pixel_buffer(picture))


def _sheet(layer: PixelBuffer, eight: Sequence[Variation], painted: Sequence[_PaintedVariation]) -> Image.Image:
    """Draw a sheet of three by three, with the original in the middle; variations not painted are grey."""
    by_place = {one.variation.place: _to_srgb_on_white(one.painting.pixels) for one in painted}
    blank = Image.new("RGB", (layer.width, layer.height), (225, 225, 225))
    cells = [Cell(by_place.get(one.place, blank), f"{_number(one)}. {one.label}") for one in eight]
    return contact_sheet([*cells[:MIDDLE], Cell(_to_srgb_on_white(layer), "the picture"), *cells[MIDDLE:]], COLUMNS)


def _to_srgb_on_white(pixels: PixelBuffer) -> Image.Image:
    """Convert to an RGB image in sRGB, on a white background."""
    image = to_image(to_preview_buffer(to_picture(pixels), alpha_coverage(pixels)))
    if image.mode != "RGBA":
        return image
    background = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(background, image).convert("RGB")


def _number(variation: Variation) -> int:
    """Return the variation's number on the sheet: 1 to 8, row by row."""
    return variation.place + (variation.place < MIDDLE)


def _report(output: Path, painted: Sequence[_PaintedVariation], as_json: bool) -> None:
    if as_json:
        print_json({"output": str(output), "paintings": len(painted)})
        return
    click.echo(f"{output}: {len(painted)} paintings. To continue one of them at full size:")
    for one in painted:
        click.echo(f"{_number(one.variation)}. {one.variation.label}\n   {one.command}")


def _ignore(preview: Preview) -> None:
    """Ignore a preview: the sheet shows none."""
