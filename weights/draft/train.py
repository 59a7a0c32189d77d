"""Train Gramarye's draft network: a narrow VGG19, distilled from the full one.

    python train.py run --work DIR --minutes 160    train, or resume from the checkpoint in DIR
    python train.py export --work DIR FILE          write the averaged network in the product's format

Needs an installed Gramarye, for the teacher, and the folder `shared` of training pictures; it is looked for beside the
repository.
"""

from __future__ import annotations

import math
import os
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import network_file
import numpy as np
import torch
from dead_channels import reinitialise_dead_channels
from export import normalise_filters
from initialise import initialise
from networks import CONVOLUTIONS, TAPS, Maps, Student, Teacher
from paintings import FEWEST_EVALUATIONS, MOST_EVALUATIONS, paint_batch
from pictures import CropSource
from readouts import fit_readouts
from settings import Data, Phase, Settings, Training, find_data, read_settings
from torch import Tensor
from torch.nn import functional

CHECKPOINT = "checkpoint.pt"
CHECKPOINT_EVERY = 120.0  # seconds
PAINTINGS = 4  # painted at a time
# Crops on which channels are scaled and readouts fitted.
EXPORT_BATCHES, EXPORT_CROP = 32, 144


def parameter_groups(student: Student, maps: Maps, training: Training) -> list[dict[str, Any]]:
    """One group for each convolution, with its share of the learning rate, and one for all maps.

    Adam moves every weight by the learning rate. Where a thousand weights read activations that are all positive, such
    steps add up and push whole channels below zero for good: the more inputs a layer has, the smaller its share.
    """
    groups: list[dict[str, Any]] = []
    for name in CONVOLUTIONS:
        layer = student.layer(name)
        reading = layer.weight[0].numel()
        share = min(1.0, (training.full_rate_inputs / reading) ** 0.75)
        groups.append({"params": list(layer.parameters()), "share": share})
    return [*groups, {"params": list(maps.parameters()), "share": 1.0}]


@dataclass(frozen=True)
class TrainingBatch:
    """Crops (N, 3, H, W; 0..255) and the teacher's subsampled taps, in units of the tap's deviation."""

    crops: Tensor
    target: dict[str, Tensor]
    offset: tuple[int, int]


class Run:
    """The whole state of a training run, and its checkpoint."""

    def __init__(self, settings: Settings, work: Path) -> None:
        self.settings = settings
        self.file = work / CHECKPOINT
        self.student, self.maps = Student(settings.widths), Maps(settings.widths)
        self.average_student, self.average_maps = Student(settings.widths), Maps(settings.widths)
        self.deviations: dict[str, float] = {}
        self.step, self.seconds = 0, 0.0
        self.optimiser = torch.optim.AdamW(
            parameter_groups(self.student, self.maps, settings.training),
            lr=settings.training.learning_rate,
            weight_decay=settings.training.weight_decay,
            fused=True,
        )

    def state(self) -> dict[str, Any]:
        """The contents of a checkpoint."""
        modules = (self.student, self.maps, self.average_student, self.average_maps, self.optimiser)
        return {
            "states": [module.state_dict() for module in modules],
            "deviations": self.deviations,
            "step": self.step,
            "seconds": self.seconds,
        }

    def save(self) -> None:
        """Write the checkpoint atomically."""
        partial = self.file.with_suffix(".partial")
        torch.save(self.state(), partial)
        os.replace(partial, self.file)

    def load(self) -> None:
        """Load the checkpoint."""
        kept = torch.load(self.file, weights_only=True)
        modules = (self.student, self.maps, self.average_student, self.average_maps)
        for module, state in zip(modules, kept["states"][:-1], strict=True):
            module.load_state_dict(state)
        self.optimiser.load_state_dict(kept["states"][-1])
        self.deviations, self.step, self.seconds = kept["deviations"], kept["step"], kept["seconds"]

    def start(self, teacher: Teacher, source: CropSource) -> None:
        """Fit the student to the teacher, layer by layer."""
        crops = source.batch(self.settings.initial_crops, 96)
        self.deviations = initialise(self.student, self.maps, teacher, crops, self.settings.initial_positions)
        self.average_student.load_state_dict(self.student.state_dict())
        self.average_maps.load_state_dict(self.maps.state_dict())

    @torch.no_grad()
    def average(self) -> None:
        """Move the running average of the weights towards them (faster while there are few steps)."""
        decay = min(self.settings.training.average_decay, (1 + self.step) / (10 + self.step))
        for mean, now in ((self.average_student, self.student), (self.average_maps, self.maps)):
            for target, value in zip(mean.parameters(), now.parameters(), strict=True):
                target.lerp_(value, 1 - decay)


def subsample(taps: dict[str, Tensor], offset: tuple[int, int]) -> dict[str, Tensor]:
    """Every tap, the two large ones at every second row and column from `offset` on.

    Neighbouring positions are nearly equal, and mapping all of them to the teacher's width costs more than the
    network.
    """
    row, column = offset
    large = ("relu1_1", "relu2_1")
    return {tap: taps[tap][:, :, row::2, column::2] if tap in large else taps[tap] for tap in TAPS}


class BatchBuffer:
    """Training batches, each used `reuse` times on average: the teacher costs more than a student's step."""

    def __init__(self, teacher: Teacher, source: CropSource, training: Training, deviations: dict[str, float]) -> None:
        self._teacher, self._source, self._training, self._deviations = teacher, source, training, deviations
        self._random = np.random.default_rng(training.seed)
        self._kept: deque[TrainingBatch] = deque(maxlen=training.buffer_batches)
        self._crop = self._given = 0

    def next(self, phase: Phase) -> TrainingBatch:
        """A batch with the crop size of `phase`."""
        if phase.crop != self._crop:
            self._kept.clear()
            self._crop, self._given = phase.crop, 0
        if self._given % self._training.reuse == 0:
            filling = len(self._kept) < self._training.buffer_batches
            for _ in range(2 if filling else 1):
                self._kept.append(self._prepare(phase))
        self._given += 1
        return self._kept[int(self._random.integers(len(self._kept)))]

    def _prepare(self, phase: Phase) -> TrainingBatch:
        crops = self._source.batch(phase.batch, phase.crop)
        offset = (int(self._random.integers(2)), int(self._random.integers(2)))
        taps = subsample(self._teacher.features(crops), offset)
        return TrainingBatch(crops, {tap: x / self._deviations[tap] for tap, x in taps.items()}, offset)


def losses(prediction: dict[str, Tensor], target: dict[str, Tensor], training: Training) -> tuple[Tensor, list[float]]:
    """The loss, and each tap's mean squared error (in units of the tap's variance)."""
    total = torch.zeros(())
    errors = []
    for tap, weight in zip(TAPS, training.tap_weights, strict=True):
        error = functional.mse_loss(prediction[tap], target[tap])
        channels = min(training.gram_channels, target[tap].shape[1])
        first = int(torch.randint(target[tap].shape[1] - channels + 1, ()))
        some = slice(first, first + channels)
        gram = gram_error(prediction[tap][: training.gram_crops, some], target[tap][: training.gram_crops, some])
        total = total + weight * (error + training.gram_weight * gram)
        errors.append(float(error.detach()))
    return total, errors


def gram_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Squared distance of the Gram matrices of (N, C, H, W), relative to the target's squared norm."""
    a, b = prediction.permute(0, 2, 3, 1).flatten(1, 2), target.permute(0, 2, 3, 1).flatten(1, 2)
    ours, theirs = a.transpose(1, 2) @ a, b.transpose(1, 2) @ b
    return functional.mse_loss(ours, theirs) / theirs.square().mean()


def learning_rate(training: Training, step: int, progress: float) -> float:
    """Linear warm-up, then a half cosine over the run's time (Loshchilov & Hutter, arXiv:1608.03983)."""
    warm = min(1.0, (step + 1) / training.warmup_steps)
    return training.learning_rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))


def paint_more(run: Run, source: CropSource) -> None:
    """Let the averaged student paint, and add the paintings to the pictures to train on."""
    training = run.settings.training
    pictures = source.batch(2 * PAINTINGS, training.paint_side)
    evaluations = int(torch.randint(FEWEST_EVALUATIONS, MOST_EVALUATIONS + 1, ()))
    source.add_paintings(
        paint_batch(run.average_student, run.average_maps, pictures[:PAINTINGS], pictures[PAINTINGS:], evaluations)
    )


def train(run: Run, data: Data, minutes: float) -> None:
    """Train until the run has used `minutes` of processor time, over all threads and all its sessions."""
    training = run.settings.training
    torch.manual_seed(training.seed + run.step)
    teacher = Teacher(bfloat16=True)
    source = CropSource(data.training, run.settings.procedural_share, training.seed + run.step, training.painted_share)
    if run.file.exists():
        run.load()
    else:
        run.start(teacher, source)
    batch_buffer = BatchBuffer(teacher, source, training, run.deviations)
    session, before, saved = time.process_time(), run.seconds, time.monotonic()
    smoothed_errors: list[float] = []
    while run.seconds < minutes * 60:
        progress = run.seconds / (minutes * 60)
        phase = next(phase for phase in training.phases if progress <= phase.until)
        training_batch = batch_buffer.next(phase)
        for group in run.optimiser.param_groups:
            group["lr"] = group["share"] * learning_rate(training, run.step, progress)
        with torch.autocast("cpu", torch.bfloat16):
            taps = run.maps(subsample(run.student(training_batch.crops), training_batch.offset))
        prediction = {tap: x.float() for tap, x in taps.items()}
        loss, errors = losses(prediction, training_batch.target, training)
        run.optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(run.student.parameters(), 5.0)
        run.optimiser.step()
        run.step += 1
        run.average()
        run.seconds = before + time.process_time() - session
        smoothed_errors = [0.98 * old + 0.02 * new for old, new in zip(smoothed_errors or errors, errors, strict=True)]
        if run.step % training.revive_every == 0 and progress < training.revive_until:
            revived = reinitialise_dead_channels(run.student, run.maps, run.optimiser, training_batch.crops)
            click.echo(f"step {run.step}  woke {revived} silent channels")
        if run.step % training.paint_every == 0 and run.step >= training.paint_from:
            paint_more(run, source)
        if run.step % 50 == 0:
            shown = " ".join(f"{error:.4f}" for error in smoothed_errors)
            click.echo(f"step {run.step}  {run.seconds / 60:.1f} min  crop {phase.crop}  errors {shown}")
        if time.monotonic() - saved > CHECKPOINT_EVERY:
            run.save()
            saved = time.monotonic()
    run.save()


@click.group()
def main() -> None:
    """Train the draft network and write it."""


@main.command("run")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), required=True, help="Checkpoints go here.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=160.0,
    show_default=True,
    help="Processor time of the whole run; the learning rate and the sizes of crops go by it.",
)
@click.option("--shared", type=click.Path(path_type=Path, file_okay=False), help="Teachers and pictures.")
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
def run_command(work: Path, minutes: float, shared: Path | None, threads: int) -> None:
    """Train, or resume from the checkpoint in WORK."""
    settings = read_settings()
    data = find_data(shared, settings)
    torch.set_num_threads(threads)
    work.mkdir(parents=True, exist_ok=True)
    train(Run(settings, work), data, minutes)


@main.command("export")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False, exists=True), required=True)
@click.option("--shared", type=click.Path(path_type=Path, file_okay=False), help="Teachers and pictures.")
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
def export_command(work: Path, shared: Path | None, output: Path) -> None:
    """Write the averaged network of the checkpoint in WORK to OUTPUT (safetensors, float16)."""
    settings = read_settings()
    data = find_data(shared, settings)
    run = Run(settings, work)
    run.load()
    source = CropSource(data.training, settings.procedural_share, settings.training.seed)
    batches = [source.batch(8, EXPORT_CROP) for _ in range(EXPORT_BATCHES)]
    filters, dead = normalise_filters(run.average_student, torch.cat(batches[:8]))
    network_file.write(output, filters, fit_readouts(filters, Teacher(), batches))
    size = output.stat().st_size
    click.echo(f"{output}: {size} bytes after {run.step} steps; channels that never fire: {dead or 'none'}")


if __name__ == "__main__":
    main()
