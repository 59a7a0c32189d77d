"""One painting with each colour mode: ``python -m benchmarks.colour [--style NAME] [--steps N] [--sheet FILE]``.

Paints as the daemon does, with the default network and the draft's sketch. Prints the distance of each painting's
chroma from the layer's, and how many levels of a 16-bit gradient survive; writes a labelled sheet, by default
docs/colour.png. Needs the `bench` extra.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from benchmarks.engine.cases import load_installed_network
from benchmarks.engine.pairs import GALLERY
from gramarye.cli.contact_sheet import Cell, contact_sheet
from gramarye.colour import cielab
from gramarye.daemon.worker.pipeline import LoadedJob, WorkerResources, convert_colours, paint_job
from gramarye.engine.images.inputs import StyleInput
from gramarye.engine.recipe import Recipe, presets
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture, to_image, write_picture
from gramarye.pixels.formats import buffer_to_array
from gramarye.pixels.layer import apply_painting, to_picture
from gramarye.pixels.result import ResultCompositor
from gramarye_protocol.pixels import PixelBuffer

SHEET = Path(__file__).resolve().parents[1] / "docs" / "colour.png"
COLUMNS = 4
SIDE = 336
PALETTE = 256
"""Number of colours of the sheet's file, dithered, which makes it four times smaller."""

COLOUR_MODES: tuple[dict[str, str], ...] = (
    {"colour": "style"},
    {"colour": "layer", "colour_space": "oklab"},
    {"colour": "layer", "colour_space": "lab"},
    {"colour": "layer", "colour_space": "yuv"},
    {"colour": "layer-before", "colour_match": "monge"},
    {"colour": "layer-before", "colour_match": "cholesky"},
    {"colour": "layer-before", "colour_match": "pca"},
    {"colour": "layer-before", "colour_match": "histogram"},
    {"colour": "luminance", "colour_space": "oklab"},
    {"colour": "luminance", "colour_space": "lab"},
    {"colour": "luminance", "colour_space": "yuv"},
)


def main() -> None:
    """Paint, print, draw."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--style", default="waves", help="a built-in style")
    options.add_argument("--steps", type=int, default=presets()["painting"].recipe.steps)
    options.add_argument("--sheet", type=Path, default=SHEET, help="where the sheet goes")
    args = options.parse_args()
    layer = read_picture(GALLERY / "content.png", max_side=SIDE)
    style = read_picture(GALLERY / f"style-{args.style}.png")
    network = load_installed_network()
    print(f"network {network.name}, longest side {SIDE} px")
    cells = [Cell(to_image(layer), f"the layer, and {args.style}", to_image(style))]
    print(f"{'colour_preservation':<28} chroma against the layer's, mean CIEDE2000")
    for values in COLOUR_MODES:
        recipe = Recipe.from_dict({"steps": args.steps, **values}, preset="painting")
        painting = _painting(layer, style, recipe, network)
        name = ", ".join(values.values())
        print(f"{name:<28} {chroma_difference(to_picture(painting), to_picture(layer)):6.2f}")
        cells.append(Cell(to_image(painting), name))
    contact_sheet(cells, COLUMNS).quantize(PALETTE).save(args.sheet, optimize=True)
    print(f"{args.sheet.name}: {args.sheet.stat().st_size / 1e6:.2f} MB")
    for variant, levels in surviving_levels().items():
        print(f"levels of a 16-bit gradient {variant:<28} {levels:6d} (8 bits: 256)")


def chroma_difference(painting: NDArray[np.float32], layer: NDArray[np.float32]) -> float:
    """Mean CIEDE2000 between two pictures (H, W, 3) of sRGB when the first has the second's lightness."""
    relit, wanted = (100.0 * cielab.from_srgb(picture).astype(np.float64) for picture in (painting, layer))
    relit[..., 0] = wanted[..., 0]
    return float(deltaE_ciede2000(wanted, relit).mean())


def surviving_levels() -> dict[str, int]:
    """Number of the 65536 levels of a gradient that stay distinct after each colour mode."""
    ramp = np.repeat(np.arange(1 << 16, dtype="<u2").reshape(256, 256, 1), 3, axis=2)
    gradient = PixelBuffer(256, 256, "RGB", "u16", ramp.tobytes())
    variants = {"painted as it is": apply_painting(gradient, to_picture(gradient))}
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("png", "tif"):
            path = Path(folder) / f"gradient.{ending}"
            write_picture(gradient, path)
            variants[f"through a {ending} file"] = read_picture(path)
    return {variant: len(np.unique(buffer_to_array(pixels)[..., 0])) for variant, pixels in variants.items()}


def _painting(layer: PixelBuffer, style: PixelBuffer, recipe: Recipe, network: Network) -> PixelBuffer:
    resources = WorkerResources("cpu", load_installed_network)
    loaded = convert_colours(LoadedJob(layer, [StyleInput(to_picture(style))], recipe, network, resources), None)
    *_, last = paint_job(loaded)
    return ResultCompositor(layer, None, loaded.colour_preservation.chroma_space).result(last.best_picture())


if __name__ == "__main__":
    main()
