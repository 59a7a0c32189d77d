"""A sheet of one picture painted with each style statistic and term: ``python -m benchmarks.measures [SHEET]``.

The default network paints.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from gramarye.cli.contact_sheet import Cell, contact_sheet
from gramarye.engine.images.pictures import Picture
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.recipe import Recipe
from gramarye.engine.vgg.network import Network
from gramarye.image_files import from_image, read_picture, to_image, write_picture
from gramarye.pixels.layer import to_picture, to_preview_buffer

from .engine.cases import load_installed_network
from .engine.pairs import GALLERY

_REPOSITORY = Path(__file__).resolve().parents[1]
_SIDE = 400
_COLUMNS = 3

MEASURES: Mapping[str, Mapping[str, Any]] = {
    "gram": {},
    "covariance": {"statistic": "covariance"},
    "moments": {"statistic": "moments"},
    "gram + histogram 10000": {"histogram_weight": 10000.0},
    "gram + laplacian 30": {"laplacian_weight": 30.0},
}
"""The values that each replaces in the default recipe."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Content and style, as arrays (H, W, 3) RGB 0..1, and the network that paints them."""

    content: Picture
    style: Picture
    network: Network

    def paint_with(self, values: Mapping[str, Any]) -> Image.Image:
        """The painting by the default recipe with some values replaced."""
        *_, last = paint(self.content, [StyleInput(self.style)], Recipe.from_dict(values), self.network)
        return to_image(to_preview_buffer(last.best_picture(), None))


def gallery_pair(style: str, network: Network, side: int = _SIDE) -> Pair:
    """The gallery's harbour and one of its styles, for ``network``."""
    content = to_picture(read_picture(GALLERY / "content.png", max_side=side))
    return Pair(content, to_picture(read_picture(GALLERY / f"style-{style}.png")), network)


def main() -> None:
    """Paint and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheet", nargs="?", type=Path, default=_REPOSITORY / "docs" / "measures.png")
    parser.add_argument("--style", default="waves", help="one of the gallery's styles")
    parser.add_argument("--side", type=int, default=_SIDE, help="longest side in pixels")
    args = parser.parse_args()
    pair = gallery_pair(args.style, load_installed_network(), args.side)
    print(f"network {pair.network.name}, longest side {args.side} px")
    cells = [
        Cell(
            to_image(to_preview_buffer(pair.content, None)),
            "the picture",
            to_image(to_preview_buffer(pair.style, None)),
        )
    ]
    for title, values in MEASURES.items():
        cells.append(Cell(pair.paint_with(values), title))
    write_picture(from_image(contact_sheet(cells, _COLUMNS)), args.sheet)


if __name__ == "__main__":
    main()
