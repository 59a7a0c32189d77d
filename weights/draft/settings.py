"""Configuration (draft.toml) and the pictures that training and measuring need."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Phase:
    """Crops of `crop` pixels, `batch` at a time, until this fraction of the run."""

    until: float
    crop: int
    batch: int


@dataclass(frozen=True)
class Training:
    """The [training] table; see draft.toml for what each means."""

    seed: int
    learning_rate: float
    full_rate_inputs: int
    weight_decay: float
    warmup_steps: int
    average_decay: float
    reuse: int
    buffer_batches: int
    tap_weights: tuple[float, ...]
    gram_weight: float
    gram_channels: int
    gram_crops: int
    revive_every: int
    revive_until: float
    paint_every: int
    paint_from: int
    paint_side: int
    painted_share: float
    phases: tuple[Phase, ...]


@dataclass(frozen=True)
class Settings:
    """All of draft.toml."""

    widths: dict[str, int]
    held_out: tuple[str, ...]
    measure_size: int
    procedural_share: float
    initial_crops: int
    initial_positions: int
    training: Training


@dataclass(frozen=True)
class Data:
    """Where the pictures lie."""

    training: tuple[Path, ...]
    held_out: tuple[Path, ...]


def read_settings(path: Path = HERE / "draft.toml") -> Settings:
    """The configuration at `path`."""
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    training = dict(table["training"])
    training["tap_weights"] = tuple(training["tap_weights"])
    training["phases"] = tuple(Phase(**phase) for phase in training["phases"])
    return Settings(
        widths=dict(table["network"]["widths"]),
        held_out=tuple(table["data"]["held_out"]),
        measure_size=table["data"]["measure_size"],
        procedural_share=table["data"]["procedural_share"],
        initial_crops=table["initialisation"]["crops"],
        initial_positions=table["initialisation"]["positions"],
        training=Training(**training),
    )


def find_data(shared: Path | None, settings: Settings) -> Data:
    """Pictures of `shared`, else $GRAMARYE_SHARED, else beside the repository; ClickException where absent."""
    images = (shared or Path(os.environ.get("GRAMARYE_SHARED", HERE.parents[2] / "shared"))) / "images"
    pictures = sorted((images / "training").glob("*.jpg"))
    if not pictures:
        raise click.ClickException(
            f"Training and measuring need JPEG pictures in {images / 'training'}: put them there, or name another "
            "folder with --shared."
        )
    held = [path for path in pictures if path.name in settings.held_out]
    others = [path for folder in ("content", "style") for path in sorted((images / folder).glob("*.jpg"))]
    return Data(
        training=tuple(path for path in pictures if path.name not in settings.held_out),
        held_out=tuple(held + others),
    )
