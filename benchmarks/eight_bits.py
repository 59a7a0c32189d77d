"""What the 8-bit tables of the installed VGG19 cost: ``python -m benchmarks.eight_bits --float32 FILE PICTURE...``.

FILE is VGG19 in float32, or its first convolutions. Features and Gram matrices of the pictures are compared at every
style layer that FILE reaches. Then both networks paint the first picture in the style of the last, from the same start
and with these layers alone, and FILE judges both paintings. L-BFGS amplifies small differences, so a third painting
shows how much of the distance is due to that: FILE paints the picture again after a change of half a level per pixel.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gramarye.engine.images.inputs import prepare_inputs
from gramarye.engine.images.pictures import Picture, centre_of, to_levels
from gramarye.engine.loss.objective import build_objective, one_segment
from gramarye.engine.loss.statistics import gram
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.recipe import DEFAULT_PRESET, Recipe, presets
from gramarye.engine.vgg.layers import CONVOLUTIONS
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture, write_picture
from gramarye.pixels.layer import to_picture, to_preview_buffer
from gramarye.weights.read import read_network

from .engine.cases import load_installed_network

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class LayerError:
    """Relative differences at one layer: root mean square of the features, Frobenius norm of the Gram matrix."""

    features: float
    gram: float


@dataclass(frozen=True, eq=False)
class Pair:
    """What is painted: content and style, and the recipe."""

    content: Picture
    style: Picture
    recipe: Recipe

    def paint(self, network: Network) -> Picture:
        """The painting, clipped to 0..1 and not rounded."""
        *_, last = paint(self.content, [StyleInput(self.style)], self.recipe, network)
        return last.best_picture()

    def judge(self, network: Network, painting: Picture) -> Mapping[str, float]:
        """The terms of the painting's loss under a network, in float32."""
        inputs = prepare_inputs(self.content, [StyleInput(self.style)], self.recipe, network, painting)
        assert inputs.start is not None, "it was given"
        styles = inputs.style_pictures(*inputs.size, _CPU, torch.float32)
        objective = build_objective(self.recipe, network, inputs.content, styles)
        segments = one_segment(*inputs.size, objective.taps)
        return TiledEvaluator(network, objective, segments).evaluate(inputs.start).parts


def main() -> None:
    """Print both tables, and write the three paintings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.eight_bits", description=__doc__)
    parser.add_argument("--float32", type=Path, required=True, help="VGG19's weights in any format that is imported")
    parser.add_argument("pictures", nargs="+", type=Path, help="the first is also the content, the last the style")
    parser.add_argument("--side", type=int, default=384, help="longest side in pixels")
    parser.add_argument("--steps", type=int, default=presets()[DEFAULT_PRESET].recipe.steps)
    parser.add_argument("--output", type=Path, default=Path("build/benchmark/eight-bits"), help="folder of paintings")
    args = parser.parse_args()
    exact, coarse = _read(args.float32), load_installed_network("vgg19-8bit").to(_CPU, torch.float32)
    pictures = [to_picture(read_picture(path, max_side=args.side)) for path in args.pictures]
    layers = [tap for tap in presets()[DEFAULT_PRESET].recipe.style_layers if _is_reached(exact, tap)]
    _print_errors([_compare(exact, coarse, picture, layers) for picture in pictures], layers)
    recipe = Recipe.from_dict(
        {
            "content_layers": ["relu4_1" if _is_reached(exact, "relu4_1") else layers[-1]],
            "style_layers": layers,
            "steps": args.steps,
            "precision": "float32",
            "margin": 0,
        }
    )
    _paint_all(Pair(pictures[0], pictures[-1], recipe), exact, coarse, args.output)


def _read(path: Path) -> Network:
    stored = read_network(path)
    arrays = {}
    for name, layer in stored.convolutions.items():
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = layer.weight, layer.bias
    return Network.from_arrays("float32", arrays, stored.mean).to(_CPU, torch.float32)


def _is_reached(network: Network, tap: str) -> bool:
    return CONVOLUTIONS.index(tap.replace("relu", "conv")) < len(network.convolutions)


@torch.no_grad()
def _compare(exact: Network, coarse: Network, picture: Picture, layers: Sequence[str]) -> dict[str, LayerError]:
    levels = to_levels(picture, "picture", torch.float32)
    x = levels - centre_of(levels, "network", exact)
    expected, actual = exact.features(x, layers), coarse.features(x, layers)
    return {
        tap: LayerError(
            _relative_error(actual[tap], expected[tap]), _relative_error(gram(actual[tap]), gram(expected[tap]))
        )
        for tap in layers
    }


def _relative_error(actual: Tensor, expected: Tensor) -> float:
    distance, size = (torch.linalg.vector_norm(x, dtype=torch.float64) for x in (actual - expected, expected))
    return float(distance / size)


def _print_errors(found: Sequence[Mapping[str, LayerError]], layers: Sequence[str]) -> None:
    print(f"| {len(found)} pictures: mean (max) | features, relative rms | Gram matrix, relative Frobenius norm |")
    print("|---|---|---|")
    for tap in layers:
        columns = [[errors[tap].features for errors in found], [errors[tap].gram for errors in found]]
        print(f"| {tap} | " + " | ".join(f"{np.mean(each):.2%} ({max(each):.2%})" for each in columns) + " |")


def _paint_all(pair: Pair, exact: Network, coarse: Network, folder: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, pair.content.shape).astype(np.float32) / 255.0
    shaken = Pair(pair.content + noise, pair.style, pair.recipe)
    paintings = {
        "float32": pair.paint(exact),
        "8-bit": pair.paint(coarse),
        "float32, layer changed by half a level": shaken.paint(exact),
    }
    folder.mkdir(parents=True, exist_ok=True)
    print("| painted by | content | style | all terms | mean difference from float32, levels of 255 |")
    print("|---|---|---|---|---|")
    for number, (name, painting) in enumerate(paintings.items(), start=1):
        write_picture(to_preview_buffer(painting, None), folder / f"{number}-{name.split(',')[0]}.png")
        parts = pair.judge(exact, painting)
        difference = 255.0 * float(np.abs(painting - paintings["float32"]).mean())
        print(
            f"| {name} | {parts['content']:.4g} | {parts['style']:.4g} | {sum(parts.values()):.4g} | {difference:.2f} |"
        )


if __name__ == "__main__":
    main()
