"""``python -m benchmarks.regions``: how well masks and transparency separate colours, as numbers and a sheet.

The default network paints. Leakage: a grey picture is painted in a red style on the left and a blue one on the right;
measured is the share of the red style's warmth in the right half, by distance from the border. Fringes: a disc with a
soft edge is painted over three hidden colours and composited on three backgrounds; measured is the distance of the
colours at its edge from those inside.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gramarye.cli.contact_sheet import Cell, contact_sheet
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.recipe import Recipe, presets
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture
from gramarye.pixels.layer import apply_painting, to_picture
from gramarye_protocol.pixels import PixelBuffer

from .engine.cases import load_installed_network
from .engine.pairs import GALLERY

Values = NDArray[np.float32]

SIDE = 256
WATERLINE, FEATHER = 0.678, 6.0
"""Of the gallery's harbour: the water's edge as a share of the height, and the mask's softness in pixels."""

BACKGROUNDS = {"black": 0.0, "grey": 0.5, "white": 1.0}


def main() -> None:
    """Measure, print, and write the sheet."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regions", description=__doc__)
    parser.add_argument("--sheet", type=Path, default=Path("build/benchmark/regions.png"), help="where the sheet goes")
    args = parser.parse_args()
    print(f"network {_network().name}, longest side {SIDE} px")
    for distance, leaked in leakage().items():
        print(f"red in the blue half, {distance} pixels and more from the border: {leaked:.1%} of the red half's")
    print(f"hidden colours change the painting by {hidden_colour_difference():.5f} of 255 at most")
    for name, off in edge_colour_errors().items():
        print(f"a disc's soft edge on {name}: {off:.2f} of 255 off the colours inside it, premultiplied")
    args.sheet.parent.mkdir(parents=True, exist_ok=True)
    sheet().save(args.sheet)


def leakage() -> dict[int, float]:
    """Mean red minus blue, relative to the whole difference, by distance from the border in pixels."""
    soft = _picture("content.png", SIDE).mean(axis=2, keepdims=True)
    content = np.repeat(0.3 + 0.4 * soft, 3, axis=2).astype(np.float32)
    width = content.shape[1]
    pattern = _picture("style-swirls.png", SIDE).mean(axis=2)
    red, blue = (np.zeros((*pattern.shape, 3), np.float32) for _ in range(2))
    red[..., 0] = blue[..., 2] = 0.3 + 0.6 * pattern
    left = np.zeros(content.shape[:2], np.float32)
    left[:, : width // 2] = 1.0
    painted = _paint(content, [StyleInput(red, mask=left), StyleInput(blue)])
    warmth = (painted[..., 0] - painted[..., 2]).mean(axis=0)
    own, other = warmth[: width // 4].mean(), warmth[-width // 4 :].mean()
    middle = width // 2
    return {d: float((warmth[middle + d :] - other).mean() / (own - other)) for d in (1, 8, 16, 32, 64)}


def hidden_colour_difference() -> float:
    """Largest change of a painting's visible pixels, in levels of 255, by colours under alpha 0."""
    found = [_paint_disc(colour) for colour in (0, 255)]
    seen = found[0][..., 3] > 0
    return float(np.abs(found[0].astype(float) - found[1].astype(float))[seen].max())


def edge_colour_errors() -> dict[str, float]:
    """For each background, the mean difference between the visible edge and the inner colours composited there."""
    painted = _paint_disc(255).astype(np.float64) / 255.0
    alpha = painted[..., 3]
    rows, columns = np.nonzero((alpha > 0.02) & (alpha < 0.98))
    inside = np.argwhere(alpha >= 0.98)
    offs = {}
    nearest = [inside[np.argmin(((inside - (y, x)) ** 2).sum(axis=1))] for y, x in zip(rows, columns, strict=True)]
    within = np.array([painted[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3, :3].mean(axis=(0, 1)) for y, x in nearest])
    a = alpha[rows, columns][:, None]
    for name, level in BACKGROUNDS.items():
        shown = a * painted[rows, columns, :3] + (1.0 - a) * level
        offs[name] = float(255.0 * np.abs((shown - (a * within + (1.0 - a) * level)).mean(axis=0)).max())
    return offs


def sheet() -> Image.Image:
    """The harbour with only its water painted, with water and rest in two styles, and with both styles everywhere."""
    content = _picture("content.png", 480)
    height, width = content.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None]
    water = np.clip((rows - WATERLINE * height) / FEATHER + 0.5, 0.0, 1.0) * np.ones((1, width), np.float32)
    waves, swirls = (_picture(f"style-{name}.png", 480) for name in ("waves", "swirls"))
    variants = {
        "--region water.png=waves": [StyleInput(waves, mask=water)],
        "--region water.png=waves -s swirls": [StyleInput(waves, mask=water), StyleInput(swirls)],
        "-s waves -s swirls": [StyleInput(waves, 0.5), StyleInput(swirls, 0.5)],
    }
    cells = [Cell(_image(content), "the layer")]
    for title, styles in variants.items():
        covered = water[..., None] if len(styles) == 1 else np.ones_like(water)[..., None]
        painted = _paint(content, styles)
        cells.append(Cell(_image(content + covered * (painted - content)), title))
    return contact_sheet(cells, 2)


def _paint_disc(under: int) -> NDArray[np.uint8]:
    """A disc of the harbour with a soft edge, painted; ``under`` is the level of all hidden colours."""
    content = _picture("content.png", SIDE)
    height, width = content.shape[:2]
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(y - height / 2, x - width / 2)
    alpha = np.rint(255.0 * np.clip((0.4 * height - distance) / 8.0 + 0.5, 0.0, 1.0)).astype(np.uint8)
    values = np.dstack((np.rint(255.0 * content).astype(np.uint8), alpha))
    values[alpha == 0, :3] = under
    layer = PixelBuffer(width, height, "RGBA", "u8", values.tobytes())
    painted = _paint(
        to_picture(layer),
        [StyleInput(_picture("style-waves.png", SIDE))],
        (values[..., 3] / np.float32(255.0)).astype(np.float32),
    )
    return np.frombuffer(apply_painting(layer, painted).data, np.uint8).reshape(values.shape)


def _paint(content: Values, styles: list[StyleInput], cover: Values | None = None) -> Values:
    recipe: Recipe = replace(presets()["painting"].recipe, sketch=0)
    *_, last = paint(content, styles, recipe, _network(), cover=cover)
    return last.best_picture()


@cache
def _network() -> Network:
    return load_installed_network()


def _picture(name: str, side: int) -> Values:
    return to_picture(read_picture(GALLERY / name, max_side=side))


def _image(values: Values) -> Image.Image:
    return Image.fromarray(np.rint(255.0 * np.clip(values, 0.0, 1.0)).astype(np.uint8))


if __name__ == "__main__":
    main()
