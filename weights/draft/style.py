"""Quality of a network's paintings, judged by networks that did not paint them.

    python style.py draft.safetensors --output DIR

Each pair is painted twice, by the draft and by the distilled teacher, with one recipe; both results are then judged
under the genuine conv1_1..conv3_1 (shallow) and the distilled network's relu4_1 and relu5_1 (deep). The ratios are the
draft's loss divided by the distilled network's: below 1, the draft's painting is closer to the style.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
import network_file
import numpy as np
import torch
from measure import Features, network_features
from networks import TAPS, Teacher, activations, mean_image
from pictures import as_tensor, load
from PIL import Image
from settings import find_data, read_settings
from torch import Tensor

CONTENT_WEIGHT = 0.01
# Content and style by file name; all of them held out of training.
PAIRS = (
    ("hoovertowernight", "starry_night"),
    ("tubingen", "starry_night"),
    ("tubingen", "024"),
    ("061", "064"),
    ("079", "084"),
    ("105", "024"),
    ("hoovertowernight", "064"),
)


@dataclass(frozen=True)
class LossRatios:
    """The draft's style loss divided by the distilled network's, on one pair."""

    shallow: float
    deep: float


def grams(features: Features, picture: Tensor, taps: tuple[str, ...]) -> dict[str, Tensor]:
    """Gram matrices F F^T / M at `taps` of one picture (1, 3, H, W; 0..255)."""
    found = features(picture)
    flat = {tap: found[tap][0].flatten(1) for tap in taps}
    return {tap: x @ x.T / x.shape[1] for tap, x in flat.items()}


def style_loss(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> Tensor:
    """Squared distance of Gram matrices relative to the style's own norm, mean over taps."""
    each = [(ours[tap] - theirs[tap]).square().sum() / theirs[tap].square().sum() for tap in theirs]
    return torch.stack(each).mean()


def paint(features: Features, content: Tensor, style: Tensor, evaluations: int) -> Tensor:
    """The content (1, 3, H, W; 0..255) painted in the style's manner, from the content, by L-BFGS.

    Relative losses at all five taps (after Gatys, Ecker, Bethge 2016), content at relu4_1: networks whose
    features are scaled differently follow the same recipe.
    """
    with torch.no_grad():
        target = grams(features, style, TAPS)
        content_target = features(content)["relu4_1"]
    picture = content.clone(memory_format=torch.contiguous_format).requires_grad_()
    optimiser = torch.optim.LBFGS([picture], lr=1.0, max_iter=evaluations, max_eval=evaluations, history_size=20)

    def evaluate() -> float:
        optimiser.zero_grad()
        found = features(picture)
        flat = {tap: found[tap][0].flatten(1) for tap in TAPS}
        style_part = style_loss({tap: x @ x.T / x.shape[1] for tap, x in flat.items()}, target)
        content_part = (found["relu4_1"] - content_target).square().sum() / content_target.square().sum()
        # L-BFGS stops at small gradients: in units of 1e6 its thresholds are out of reach.
        loss = 1e6 * (style_part + CONTENT_WEIGHT * content_part)
        torch.autograd.backward(loss)
        return float(loss.detach())

    step: Callable[[Callable[[], float]], float] = optimiser.step
    step(evaluate)
    return picture.detach().clamp(0, 255)


def compare_losses(teacher: Teacher, draft: Tensor, distilled: Tensor, style: Tensor) -> LossRatios:
    """Both paintings (1, 3, H, W; 0..255), compared under both judging networks."""

    def genuine(picture: Tensor) -> dict[str, Tensor]:
        return activations(teacher.genuine, picture - mean_image(), last="conv3_1")

    def ratio(features: Features, taps: tuple[str, ...]) -> float:
        target = grams(features, style, taps)
        losses = [float(style_loss(grams(features, picture, taps), target)) for picture in (draft, distilled)]
        return losses[0] / losses[1]

    with torch.no_grad():
        return LossRatios(ratio(genuine, TAPS[:3]), ratio(distilled_network(teacher), TAPS[3:]))


def distilled_network(teacher: Teacher) -> Features:
    """The distilled network's own features, unmapped."""
    return lambda rgb: activations(teacher.distilled, teacher.distilled_input(rgb))


def save(picture: Tensor, path: Path) -> None:
    """Write (1, 3, H, W; 0..255) as a picture file."""
    Image.fromarray(picture[0].permute(1, 2, 0).round().numpy().astype(np.uint8)).save(path)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="For the paintings.")
@click.option("--shared", type=click.Path(path_type=Path, file_okay=False), help="Teachers and pictures.")
@click.option("--size", default=256, show_default=True, help="Longest side, in pixels.")
@click.option("--evaluations", default=150, show_default=True)
@click.option("--pairs", type=click.IntRange(1, len(PAIRS)), default=len(PAIRS), show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
def main(file: Path, output: Path, shared: Path | None, size: int, evaluations: int, pairs: int, threads: int) -> None:
    """Paint held-out pairs with FILE and with the distilled network, and judge both."""
    torch.set_num_threads(threads)
    data = find_data(shared, read_settings())
    teacher = Teacher(data.weights)
    feature_functions = {"draft": network_features(network_file.read(file)), "distilled": distilled_network(teacher)}
    pictures = {path.stem: as_tensor([load(path, size)]) for path in data.held_out}
    output.mkdir(parents=True, exist_ok=True)
    loss_ratios: list[LossRatios] = []
    for content, style in PAIRS[:pairs]:
        paintings: dict[str, Tensor] = {}
        for name, features in feature_functions.items():
            paintings[name] = paint(features, pictures[content], pictures[style], evaluations)
            save(paintings[name], output / f"{content}-{style}-{name}.png")
        loss_ratios.append(compare_losses(teacher, paintings["draft"], paintings["distilled"], pictures[style]))
        click.echo(f"{content} x {style}: shallow {loss_ratios[-1].shallow:.2f}, deep {loss_ratios[-1].deep:.2f}")
    shallow = statistics.median(loss_ratio.shallow for loss_ratio in loss_ratios)
    deep = statistics.median(loss_ratio.deep for loss_ratio in loss_ratios)
    click.echo(f"median: shallow {shallow:.2f}, deep {deep:.2f}")


if __name__ == "__main__":
    main()
