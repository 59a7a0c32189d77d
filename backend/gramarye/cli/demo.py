"""``gramarye demo``: a first painting, from pictures that come with Gramarye, through a real daemon."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click
from PIL import Image

from gramarye_protocol.messages import Done, Preview

from ..client import Client, Style
from ..images import check_writable, from_image, read_picture, to_image, write_picture
from .follow import follow
from .output import json_option, print_json

_SIDE = 416
_GAP = 12
_CONTENT_WEIGHT = 90.0
"""Above the default's: the houses are small, and should still be houses."""


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("gramarye-demo.png"),
    show_default=True,
    help="Where to write the three pictures side by side.",
)
@json_option
def demo(output: Path, as_json: bool) -> None:
    """Paint a harbour that Gramarye drew in a style that it drew too, and show the three side by side."""
    check_writable(output)
    content = read_picture(_picture("content.png"), max_side=_SIDE)
    style = read_picture(_picture("style-swirls.png"), max_side=_SIDE)
    with Client() as client:
        job = client.submit(content, [Style(style)], title="demo", content_weight=_CONTENT_WEIGHT)
        ending = follow(job, as_json, _ignore)
        painting = job.result()
    assert isinstance(ending, Done)
    sheet = _side_by_side([to_image(content), to_image(style), painting.image])
    write_picture(from_image(sheet), output)
    if as_json:
        print_json({"output": str(output), "network": ending.network, "seconds": ending.seconds})
    else:
        click.echo(f"{output}: the picture, the style, the painting (by {ending.network} in {ending.seconds:.0f} s)")


def _picture(name: str) -> Path:
    return Path(str(resources.files("gramarye") / "gallery" / name))


def _side_by_side(pictures: list[Image.Image]) -> Image.Image:
    height = min(picture.height for picture in pictures)
    scaled = [
        picture.convert("RGB").resize(
            (round(picture.width * height / picture.height), height), Image.Resampling.LANCZOS
        )
        for picture in pictures
    ]
    width = sum(picture.width for picture in scaled) + _GAP * (len(scaled) - 1)
    sheet = Image.new("RGB", (width, height), "white")
    left = 0
    for picture in scaled:
        sheet.paste(picture, (left, 0))
        left += picture.width + _GAP
    return sheet


def _ignore(preview: Preview) -> None:
    """The demo shows no previews."""
