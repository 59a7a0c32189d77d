"""A sheet of stroke sizes, directions and mixtures: ``python -m benchmarks.strokes [SHEET]``.

The default network paints.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from gramarye.cli.contact_sheet import Cell, contact_sheet
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.recipe import Recipe
from gramarye.image_files import from_image, to_image, write_picture
from gramarye.pixels.layer import to_preview_buffer

from .engine.cases import load_installed_network
from .measures import Pair, gallery_pair

_COLUMNS = 3


@dataclass(frozen=True)
class StrokeVariant:
    """A cell of the sheet: gallery styles with weight and scale, and changed values of the default recipe."""

    title: str
    styles: Sequence[tuple[str, float, float]]
    values: Mapping[str, Any] = field(default_factory=dict)


VARIANTS = (
    StrokeVariant("-s swirls", [("swirls", 1.0, 1.0)]),
    StrokeVariant("-s swirls:1:0.5", [("swirls", 1.0, 0.5)]),
    StrokeVariant("-s swirls:1:2", [("swirls", 1.0, 2.0)]),
    StrokeVariant("-s swirls --stroke-sizes 0.35,1.6", [("swirls", 1.0, 1.0)], {"stroke_sizes": [0.35, 1.6]}),
    StrokeVariant("-s swirls --stroke-sizes 1.6,0.35", [("swirls", 1.0, 1.0)], {"stroke_sizes": [1.6, 0.35]}),
    StrokeVariant("-s waves --any-direction", [("waves", 1.0, 1.0)], {"any_direction": True}),
    StrokeVariant("-s swirls -s charcoal --mix 25", [("swirls", 0.75, 1.0), ("charcoal", 0.25, 1.0)]),
    StrokeVariant("-s swirls -s charcoal --mix 50", [("swirls", 0.5, 1.0), ("charcoal", 0.5, 1.0)]),
    StrokeVariant("the same, --blend one", [("swirls", 0.5, 1.0), ("charcoal", 0.5, 1.0)], {"blend": "one"}),
)


def main() -> None:
    """Paint and write the sheet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strokes", description=__doc__)
    parser.add_argument("sheet", type=Path, nargs="?", default=Path("build/benchmark/strokes.png"))
    sheet = parser.parse_args().sheet
    network = load_installed_network()
    print(f"network {network.name}")
    pairs = {name: gallery_pair(name, network) for name in ("swirls", "waves", "charcoal")}
    cells = [Cell(_paint(variant, pairs), variant.title) for variant in VARIANTS]
    sheet.parent.mkdir(parents=True, exist_ok=True)
    write_picture(from_image(contact_sheet(cells, _COLUMNS)), sheet)


def _paint(variant: StrokeVariant, pairs: Mapping[str, Pair]) -> Image.Image:
    pair = pairs[variant.styles[0][0]]
    styles = [StyleInput(pairs[name].style, weight, scale) for name, weight, scale in variant.styles]
    *_, last = paint(pair.content, styles, Recipe.from_dict(variant.values), pair.network)
    return to_image(to_preview_buffer(last.best_picture(), None))


if __name__ == "__main__":
    main()
