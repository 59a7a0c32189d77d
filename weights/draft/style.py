"""Quality of a network's paintings beside VGG19's, judged by VGG19.

    python style.py draft.safetensors --output DIR

Every pair is painted twice by Gramarye's engine, with the default recipe and without a sketch: by FILE and by VGG19.
Both paintings, as saved in 8 bits, are judged by VGG19 in float32. The error at a tap is the squared distance of the
painting's Gram matrix G from the style's A, relative to the style's: ||G - A||^2 / ||A||^2. The ratio is FILE's error
divided by VGG19's.

Paintings stay in DIR. One is used again if it was painted by the same network with the same recipe, so VGG19 paints
only once for all versions of FILE. Remove DIR when the engine has changed.
"""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
import torch
from networks import TAPS, Teacher
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo
from settings import find_data, read_settings
from torch import Tensor

from gramarye.engine.images.pictures import Picture
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.recipe import Recipe, presets
from gramarye.engine.vgg.network import Network
from gramarye.files.atomic_write import atomic_write
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture
from gramarye.weights.cache import read_header
from gramarye.weights.store import FULL_NETWORK, NetworkInfo, find_network, load, network_info

# Content and style by file name. No content was trained on; of the styles, every second one was.
PAIRS = (
    ("hoovertowernight", "starry_night"),
    ("tubingen", "042"),
    ("tubingen", "024"),
    ("061", "088"),
    ("061", "064"),
    ("hoovertowernight", "102"),
    ("079", "084"),
    ("105", "066"),
)
# Median ratio at each tap that the draft should not exceed.
AIMS = dict(zip(TAPS, (1.5, 1.5, 1.5, 2.0, 2.5), strict=True))
# Longest side of the smallest picture of PAIRS: no picture is enlarged.
LARGEST_SIZE = 720
# Key of the text in a painting's file that says what painted it.
PAINTED_BY = "gramarye-painted-by"

Levels = NDArray[np.uint8]
Errors = Mapping[str, float]


@dataclass(frozen=True)
class PairErrors:
    """Errors by tap of both networks' paintings of one pair. ``is_new``: the style was never trained on."""

    name: str
    is_new: bool
    own: Errors
    vgg19: Errors

    @property
    def ratios(self) -> dict[str, float]:
        """The network's error divided by VGG19's, by tap."""
        return {tap: self.own[tap] / self.vgg19[tap] for tap in TAPS}


@dataclass(frozen=True)
class Painter:
    """A network that paints with one recipe, and the folder of its paintings."""

    network: Network
    recipe: Recipe
    folder: Path

    def paint(self, content: Picture, style: Picture, name: str) -> Levels:
        """The painting (H, W, 3) of `content` in `style`, both (H, W, 3) RGB 0..1; from the folder if it is there."""
        path = self.folder / f"{name}-{max(content.shape[:2])}-{self.network.name}.png"
        identity = self._identity()
        levels = _read_painting(path, identity)
        if levels is None:
            *_, last = paint(content, [StyleInput(style)], self.recipe, self.network)
            levels = np.rint(255.0 * last.best_picture()).astype(np.uint8)
            text = PngInfo()
            text.add_text(PAINTED_BY, identity)
            with atomic_write(path) as file:
                Image.fromarray(levels).save(file, "PNG", pnginfo=text)
        return levels

    def _identity(self) -> str:
        """The checksum of everything but the pictures that a painting depends on."""
        digest = hashlib.sha256(json.dumps(self.recipe.to_dict()).encode())
        for own in self.network.convolutions.values():
            digest.update(own.weight.contiguous().numpy().data)
            digest.update(own.bias.numpy().data)
        for readout in self.network.readouts.values():
            digest.update(readout.contiguous().numpy().data)
        return digest.hexdigest()


def load_network(info: NetworkInfo) -> Network:
    """The network that `info` describes."""
    return Network.from_arrays(info.name, load(info), info.mean)


@torch.no_grad()
def gram_matrices(teacher: Teacher, levels: Levels) -> dict[str, Tensor]:
    """VGG19's Gram matrices F F^T / M of a picture (H, W, 3), by tap."""
    rgb = torch.from_numpy(levels).permute(2, 0, 1)[None].float()
    flat = {tap: features[0].flatten(1) for tap, features in teacher.features(rgb).items()}
    return {tap: x @ x.T / x.shape[1] for tap, x in flat.items()}


def gram_errors(own: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> dict[str, float]:
    """||G - A||^2 / ||A||^2 of Gram matrices G and their targets A, by tap."""
    return {tap: float((own[tap] - target[tap]).square().sum() / target[tap].square().sum()) for tap in TAPS}


def pair_table(pair: PairErrors, network: str) -> str:
    """A pair's errors and ratios as text."""
    title = f"{pair.name}, a style {'never trained on' if pair.is_new else 'trained on'}"
    rows = {network: pair.own, "VGG19": pair.vgg19}
    lines = [f"{title:60s}" + "".join(f"{tap:>10s}" for tap in TAPS)]
    lines += [f"  {name:58s}" + "".join(f"{row[tap]:10.2g}" for tap in TAPS) for name, row in rows.items()]
    return "\n".join([*lines, _row("  ratio", pair.ratios)])


def summary(pairs: Sequence[PairErrors]) -> str:
    """Medians of the ratios beside their aims, as text."""
    groups = {
        "styles never trained on": [pair for pair in pairs if pair.is_new],
        "styles trained on": [pair for pair in pairs if not pair.is_new],
        "pairs": list(pairs),
    }
    lines = [
        _row(f"median ratio, {len(group)} {name}", _medians(group)) for name, group in groups.items() if len(group)
    ]
    medians = _medians(pairs)
    verdicts = "".join(f"{'met' if medians[tap] <= AIMS[tap] else 'missed':>10s}" for tap in TAPS)
    return "\n".join([*lines, _row("aim", AIMS), f"{'':60s}{verdicts}"])


def _medians(pairs: Sequence[PairErrors]) -> dict[str, float]:
    return {tap: statistics.median(pair.ratios[tap] for pair in pairs) for tap in TAPS}


def _row(title: str, values: Mapping[str, float]) -> str:
    return f"{title:60s}" + "".join(f"{values[tap]:10.2f}" for tap in TAPS)


def _read_painting(path: Path, identity: str) -> Levels | None:
    """The painting at `path`, or None if there is none or something else painted it."""
    try:
        with Image.open(path) as file:
            levels = np.array(file.convert("RGB"), dtype=np.uint8)
            return levels if file.info.get(PAINTED_BY) == identity else None
    except (FileNotFoundError, UnidentifiedImageError):
        return None


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="For the paintings.")
@click.option("--shared", type=click.Path(path_type=Path, file_okay=False), help="Folder of pictures.")
@click.option("--size", type=click.IntRange(64, LARGEST_SIZE), default=512, show_default=True, help="Longest side.")
@click.option("--steps", type=click.IntRange(1), help="Steps of a painting.  [default: the recipe's]")
@click.option("--pairs", type=click.IntRange(1, len(PAIRS)), default=len(PAIRS), show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
def main(file: Path, output: Path, shared: Path | None, size: int, steps: int | None, pairs: int, threads: int) -> None:
    """Paint pairs with FILE and with VGG19, and print the errors of both."""
    torch.set_num_threads(threads)
    data = find_data(shared, read_settings())
    paths = {path.stem: path for path in (*data.training, *data.held_out)}
    new = {path.stem for path in data.held_out}
    recipe = replace(presets()["painting"].recipe, sketch=0)
    recipe = replace(recipe, steps=steps or recipe.steps)
    output.mkdir(parents=True, exist_ok=True)
    infos = (network_info(read_header(file)), find_network(FULL_NETWORK))
    painters = [Painter(load_network(info), recipe, output) for info in infos]
    click.echo(f"{file} ({infos[0].description}) and {infos[1].name}: {size} px, {recipe.steps} steps")
    teacher = Teacher()
    found: list[PairErrors] = []
    for content_name, style_name in PAIRS[:pairs]:
        content, style = (to_picture(read_picture(paths[name], max_side=size)) for name in (content_name, style_name))
        target = gram_matrices(teacher, np.rint(255.0 * style).astype(np.uint8))
        own, vgg19 = (
            gram_errors(gram_matrices(teacher, painter.paint(content, style, f"{content_name}-{style_name}")), target)
            for painter in painters
        )
        found.append(PairErrors(f"{content_name} x {style_name}", style_name in new, own, vgg19))
        click.echo(pair_table(found[-1], file.stem))
    click.echo(summary(found))


if __name__ == "__main__":
    main()
