"""A sheet of twelve pairs painted by VGG19 and by the draft: ``python -m benchmarks.twelve_pairs [SHEET]``.

Contents are the gallery's harbour and four photographs in the public domain that come with scikit-image; styles are the
gallery's. Every pair has a row: the picture, its style, VGG19's painting and the draft's, with the default recipe.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageOps

from gramarye.cli.contact_sheet import Cell, contact_sheet
from gramarye.engine.images.pictures import Picture
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.recipe import presets
from gramarye.engine.vgg.network import Network
from gramarye.image_files import to_image
from gramarye.pixels.layer import to_preview_buffer

from .engine.cases import load_installed_network
from .engine.pairs import GALLERY

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


def paint_pair(content: Image.Image, style: Image.Image, network: Network) -> Image.Image:
    """Return the painting by the default recipe."""
    inputs = [StyleInput(_levels(style))]
    *_, last = paint(_levels(content), inputs, presets()["painting"].recipe, network)
    return to_image(to_preview_buffer(last.best_picture(), None))


def _levels(image: Image.Image) -> Picture:
    """Return RGB 0..1, float32 (H, W, 3)."""
    return np.asarray(image, dtype=np.float32) / 255


def main() -> None:
    """Paint all pairs, write the sheet after each, and print how long the paintings took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.twelve_pairs", description=__doc__)
    parser.add_argument("sheet", nargs="?", type=Path, default=_REPOSITORY / "docs" / "twelve-pairs.jpg")
    sheet = parser.parse_args().sheet
    networks = {"VGG19": load_installed_network(), "the draft": load_installed_network("draft")}
    cells: list[Cell] = []
    for content_name, style_name in PAIRS:
        content, style = load_content(content_name), load_style(style_name)
        cells.append(Cell(content.resize(_SHOWN, Image.Resampling.LANCZOS), content_name))
        cells.append(Cell(ImageOps.fit(style, _SHOWN, Image.Resampling.LANCZOS), style_name))
        for title, network in networks.items():
            start = time.perf_counter()
            cells.append(Cell(paint_pair(content, style, network), title))
            print(f"{content_name} in {style_name} by {network.name}: {time.perf_counter() - start:.1f} s", flush=True)
        contact_sheet(cells, _COLUMNS).save(sheet, quality=_QUALITY)


if __name__ == "__main__":
    main()
