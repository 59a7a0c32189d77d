"""Correlation of a network's features with VGG19's, on held-out pictures.

    python measure.py FILE          FILE is draft.safetensors, or a run's checkpoint.pt

Correlation is Pearson's, over all positions and channels of one picture, after the ReLU, of features mapped
(1x1 and ReLU) to VGG19's channels. A checkpoint contains trained maps; for a network file
they are fitted on training pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click
import network_file
import torch
from initialise import fit_rectified, positions_of
from networks import TAPS, Filters, Maps, Student, Teacher, activations, correlation
from pictures import CropSource, as_tensor, load
from settings import Data, Settings, find_data, read_settings
from torch import Tensor
from torch.nn import functional

Features = Callable[[Tensor], dict[str, Tensor]]
FIT_CROPS, FIT_SIDE, FIT_POSITIONS = 128, 128, 40000


def network_features(network: network_file.Network) -> Features:
    """The network's activations, with readouts applied at the taps, as a function of RGB 0..255."""

    def answer(rgb: Tensor) -> dict[str, Tensor]:
        found = activations(network.filters, rgb - network.mean)
        return found | {tap: functional.conv2d(found[tap], r[:, :, None, None]) for tap, r in network.readouts.items()}

    return answer


@torch.no_grad()
def fit_maps(features: Features, teacher: Teacher, source: CropSource) -> Filters:
    """1x1 maps from a network's taps to the teacher's channels, fitted on training pictures."""
    rows: dict[str, list[Tensor]] = {tap: [] for tap in TAPS}
    goals: dict[str, list[Tensor]] = {tap: [] for tap in TAPS}
    for _ in range(FIT_CROPS // 8):
        crops = source.batch(8, FIT_SIDE)
        own, target = features(crops), teacher.features(crops)
        for tap in TAPS:
            count = own[tap].shape[0] * own[tap].shape[2] * own[tap].shape[3]
            picks = torch.randperm(count)[: FIT_POSITIONS // (FIT_CROPS // 8)]
            rows[tap].append(positions_of(own[tap], picks))
            goals[tap].append(positions_of(target[tap], picks))
    maps: Filters = {}
    for tap in TAPS:
        weight, bias = fit_rectified(torch.cat(rows[tap]), torch.cat(goals[tap]), rounds=25, ridge=1e-5)
        maps[tap] = (weight[:, :, None, None], bias)
    return maps


def map_features(features: Features, maps: Filters) -> Features:
    """The network's features, mapped to the teacher's channels."""

    def answer(rgb: Tensor) -> dict[str, Tensor]:
        own = features(rgb)
        return {tap: functional.relu(functional.conv2d(own[tap], *maps[tap])) for tap in TAPS}

    return answer


@torch.no_grad()
def correlations(answer: Features, teacher: Teacher, picture: Tensor) -> dict[str, float]:
    """Correlation with the teacher at each tap, on one picture (1, 3, H, W; 0..255)."""
    prediction, target = answer(picture), teacher.features(picture)
    return {tap: correlation(prediction[tap], target[tap]) for tap in TAPS}


def held_out(data: Data, settings: Settings) -> dict[str, Tensor]:
    """The held-out pictures by name, each (1, 3, H, W), at the measuring size."""
    return {path.stem: as_tensor([load(path, settings.measure_size)]) for path in data.held_out}


def table(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """Rows by picture and their mean, as text."""
    mean = {tap: sum(row[tap] for row in rows.values()) / len(rows) for tap in TAPS}
    lines = [f"{title:18s} " + " ".join(f"{tap:>8s}" for tap in TAPS)]
    for name, row in {**rows, "mean": mean}.items():
        lines.append(f"{name:18s} " + " ".join(f"{row[tap]:8.3f}" for tap in TAPS))
    return "\n".join(lines)


def load_checkpoint_features(path: Path, settings: Settings) -> Features:
    """The averaged student and maps of a checkpoint."""
    states = torch.load(path, weights_only=True)["states"]
    student, maps = Student(settings.widths), Maps(settings.widths)
    student.load_state_dict(states[2])
    maps.load_state_dict(states[3])
    return lambda rgb: maps(student(rgb))


def channel_statistics(features: Features, teacher: Teacher, source: CropSource) -> str:
    """Mean squares at the taps, own and the teacher's, and channels that never fire, on training crops."""
    own: dict[str, list[Tensor]] = {}
    target: dict[str, list[Tensor]] = {tap: [] for tap in TAPS}
    with torch.no_grad():
        for _ in range(8):
            crops = source.batch(8, FIT_SIDE)
            for name, x in features(crops).items():
                own.setdefault(name, []).append(x.square().mean((0, 2, 3)))
            for tap, x in teacher.features(crops).items():
                target[tap].append(x.square().mean())
    lines = ["mean square at    own / teacher   quietest and loudest channel (root mean square)   silent"]
    for name, parts in own.items():
        energy = torch.stack(parts).mean(0)
        rms = energy.sqrt()
        theirs = f"{float(torch.stack(target[name]).mean()):10.3g}" if name in target else " " * 10
        silent = int((energy == 0).sum())
        lines.append(
            f"{name:10s} {float(energy.mean()):10.3g} {theirs}  {rms.min():10.3g} {rms.max():10.3g}  {silent:4d}"
        )
    return "\n".join(lines)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--shared", type=click.Path(path_type=Path, file_okay=False), help="Folder of pictures.")
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
def main(file: Path, shared: Path | None, threads: int) -> None:
    """Print FILE's correlations with VGG19 at the five taps, picture by picture, and their mean."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    settings = read_settings()
    data = find_data(shared, settings)
    teacher = Teacher()
    pictures = held_out(data, settings)
    if file.suffix == ".safetensors":
        features = network_features(network_file.read(file))
        source = CropSource(data.training, settings.procedural_share, settings.training.seed)
        answer = map_features(features, fit_maps(features, teacher, source))
        click.echo(channel_statistics(features, teacher, source))
    else:
        answer = load_checkpoint_features(file, settings)
    click.echo(table(file.stem, {name: correlations(answer, teacher, x) for name, x in pictures.items()}))


if __name__ == "__main__":
    main()
