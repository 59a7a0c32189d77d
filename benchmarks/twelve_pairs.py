"""A sheet of twelve pairs painted by VGG19 and by the draft: ``python -m benchmarks.twelve_pairs [SHEET]``.

Contents are the gallery's harbour and four photographs that come with scikit-image; styles are the
gallery's. Every pair has a row: the picture, its style, VGG19's painting and the draft's, with the default recipe.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import skimage.data
from PIL import Image, ImageOps

from gramarye.cli.contact_sheet import Cell, contact_sheet
from gramarye.image_files import from_image
from gramarye.pixels.layer import to_picture

from .engine.cases import load_installed_network
from .engine.pairs import GALLERY
from .measures import Pair

_REPOSITORY = Path(__file__).resolve().parents[1]
_SIZE = (512, 341)
"""Width and height of a painting in pixels."""
_SHOWN = (400, 266)
_COLUMNS = 4
_QUALITY = 85
"""Of the JPEG: the sheet is looked at on a page, and should not weigh much there."""

PAIRS = (
    ("harbour", "waves"),
    ("harbour", "stained-glass"),
    ("astronaut", "watercolour"),
    ("astronaut", "facets"),
    ("astronaut", "waves"),
    ("chelsea", "swirls"),
    ("chelsea", "woodcut"),
    ("coffee", "pointillism"),
    ("coffee", "charcoal"),
    ("coffee", "waves"),
    ("rocket", "swirls"),
    ("rocket", "stained-glass"),
)
"""A content, by the name of scikit-image's function or "harbour", and a style of the gallery."""

_CENTRES = {"astronaut": (0.5, 0.1)}
"""The part that is kept of a picture of other proportions, as in ``ImageOps.fit``; the middle if it isn't here."""


def load_content(name: str) -> Image.Image:
    """Return the picture called ``name``, cropped and resized to a painting's size."""
    if name == "harbour":
        picture = Image.open(GALLERY / "content.png").convert("RGB")
    else:
        picture = Image.fromarray(getattr(skimage.data, name)())
    return ImageOps.fit(picture, _SIZE, Image.Resampling.LANCZOS, centering=_CENTRES.get(name, (0.5, 0.5)))


def load_style(name: str) -> Image.Image:
    """Return the gallery's style called ``name``."""
    return Image.open(GALLERY / f"style-{name}.png").convert("RGB")


def main() -> None:
    """Paint all pairs, write the sheet after each, and print how long the paintings took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.twelve_pairs", description=__doc__)
    parser.add_argument("sheet", nargs="?", type=Path, default=_REPOSITORY / "docs" / "twelve-pairs.jpg")
    sheet = parser.parse_args().sheet
    networks = {"VGG19": load_installed_network(), "the draft": load_installed_network("draft")}
    cells: list[Cell] = []
    for content_name, style_name in PAIRS:
        content, style = load_content(content_name), load_style(style_name)
        pictures = to_picture(from_image(content)), to_picture(from_image(style))
        cells.append(Cell(content.resize(_SHOWN, Image.Resampling.LANCZOS), content_name))
        cells.append(Cell(ImageOps.fit(style, _SHOWN, Image.Resampling.LANCZOS), style_name))
        for title, network in networks.items():
            start = time.perf_counter()
            cells.append(Cell(Pair(*pictures, network).paint_with({}), title))
            print(f"{content_name} in {style_name} by {network.name}: {time.perf_counter() - start:.1f} s", flush=True)
        contact_sheet(cells, _COLUMNS).save(sheet, quality=_QUALITY)


if __name__ == "__main__":
    main()
