"""Benchmark of the draft network on this machine: ``python benchmarks/draft.py [--quality]``.

Waiting times are measured with a real daemon, as a client sees them. ``--quality`` adds the output of
`weights/draft/measure.py` and `weights/draft/style.py`, which need a folder of teacher networks and held-out pictures
(`--shared`). Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gramarye.client import Client, Style
from gramarye.engine.paint import StyleInput as Picture
from gramarye.engine.paint import paint
from gramarye.engine.recipe import presets
from gramarye.engine.sketch import apply_sketch, sketch
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture
from gramarye.styles.known import built_in_styles
from gramarye.weights.store import DRAFT, find_network, load
from gramarye_protocol.messages import Preview, WatchOptions
from gramarye_protocol.pixels import PixelBuffer

_REPOSITORY = Path(__file__).resolve().parents[1]
_GALLERY = _REPOSITORY / "backend" / "gramarye" / "gallery"
_RUNS = 5
_LAYERS = ((512, 512), (1500, 2000), (3000, 4000), (4000, 6000))
"""Rows and columns: up to 24 megapixels."""

_COLD_EVALUATIONS = 100
"""Evaluations of the cold run that a warm start is compared with."""

_WARM_SIDE = 192


@dataclass(frozen=True)
class Measurement:
    """A median of several runs, and its aim, which it should not exceed (0: none)."""

    name: str
    unit: str
    values: list[float]
    aim: float = 0.0

    def __str__(self) -> str:
        middle = statistics.median(self.values)
        verdict = f"aim {self.aim:g}: {'met' if middle <= self.aim else 'MISSED'}" if self.aim else ""
        low, high = min(self.values), max(self.values)
        return f"{self.name:<58} {low:8.2f} {middle:8.2f} {high:8.2f} {self.unit:<6} {verdict}"


@contextmanager
def _temporary_home() -> Iterator[None]:
    """Set up temporary folders with the draft as the only network."""
    with tempfile.TemporaryDirectory() as root:
        for name in ("RUNTIME", "STATE", "CACHE", "DATA"):
            os.environ[f"GRAMARYE_{name}_DIR"] = str(Path(root) / name.lower())
        yield


def _layer(rows: int, columns: int) -> PixelBuffer:
    """The gallery's harbour as an RGBA layer of that size."""
    picture = read_picture(_GALLERY / "content.png")
    pixels = np.frombuffer(picture.data, np.uint8).reshape(picture.height, picture.width, 3)
    down, across = np.arange(rows) * picture.height // rows, np.arange(columns) * picture.width // columns
    layer = np.full((rows, columns, 4), 255, np.uint8)
    layer[..., :3] = pixels[down][:, across]
    return PixelBuffer(columns, rows, "RGBA", "u8", layer.tobytes())


def _time_to_first_preview(client: Client, layer: PixelBuffer) -> float:
    """Seconds from the submission to the first preview at the client; the job is then cancelled."""
    began = time.perf_counter()
    job = client.submit(
        layer, [Style(name="swirls")], watch=WatchOptions(preview_every=0.05, preview_side=512), title="preview"
    )
    seconds = 0.0
    for event in job:
        if isinstance(event, Preview) and not seconds:
            seconds = time.perf_counter() - began
            job.cancel()
    return seconds


def _time_to_painting(client: Client, layer: PixelBuffer) -> float:
    """Seconds from the submission to the painting at the client."""
    began = time.perf_counter()
    client.submit(layer, [Style(name="swirls")]).result()
    return time.perf_counter() - began


def _measure_waits() -> list[Measurement]:
    with Client() as client:
        _time_to_painting(client, _layer(64, 64))  # warms the worker
        measurements = [
            Measurement(
                f"first preview, {rows * columns / 1e6:.1f} MP layer",
                "s",
                [_time_to_first_preview(client, _layer(rows, columns)) for _ in range(_RUNS)],
                1.0,
            )
            for rows, columns in _LAYERS
        ]
        measurements.append(
            Measurement("a finished 512 px painting", "s", [_time_to_painting(client, _layer(512, 512))], 15.0)
        )
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "gramarye", "demo", "-o", str(Path(folder) / "sheet.png")]
        subprocess.run(command, check=True, capture_output=True)
    measurements.append(Measurement("gramarye demo: the sheet of eight", "s", [time.perf_counter() - began], 90.0))
    return measurements


def _stop() -> None:
    subprocess.run([sys.executable, "-m", "gramarye", "stop"], check=True, capture_output=True)


def _full_width() -> Network:
    """A network of VGG19's width through conv5_1, with random filters (He et al. 2015), to count evaluations."""
    draws = np.random.default_rng(19)
    arrays: dict[str, np.ndarray] = {}
    channels = 3
    for block, (convolutions, width) in enumerate(((2, 64), (2, 128), (4, 256), (4, 512), (1, 512)), start=1):
        for index in range(1, convolutions + 1):
            scale = np.sqrt(2.0 / (9 * channels))
            kernel = draws.standard_normal((width, channels, 3, 3)) * scale
            arrays[f"conv{block}_{index}.weight"] = kernel.astype(np.float32)
            arrays[f"conv{block}_{index}.bias"] = np.zeros(width, np.float32)
            channels = width
    return Network.from_arrays("full width", arrays, (123.68, 116.779, 103.939))


def _warm_start() -> list[Measurement]:
    """Full-width evaluations to the loss of a cold run, with and without the draft's sketch."""
    info = find_network(DRAFT)
    draft, full = Network.from_arrays(DRAFT, load(info), info.mean), _full_width()
    content = to_picture(read_picture(_GALLERY / "content.png", max_side=_WARM_SIDE))
    recipe = replace(presets()["painting"].recipe, scales=1, steps=_COLD_EVALUATIONS)
    measurements = []
    for style in list(built_in_styles().values())[:3]:
        styles = [Picture(to_picture(read_picture(style.path, max_side=_WARM_SIDE)))]
        cold = [iterate.best_loss or 0.0 for iterate in paint(content, styles, recipe, full)]
        *_, last = sketch(content, styles, recipe, draft, (content.shape[0], content.shape[1]), "cpu")
        warm = paint(content, styles, replace(recipe, init="picture"), full, start=apply_sketch(content, last))
        reached = next((i.step for i in warm if (i.best_loss or 0.0) <= cold[-1]), _COLD_EVALUATIONS + 1)
        measurements.append(
            Measurement(
                f"evaluations to a cold run's loss after {_COLD_EVALUATIONS}, {style.title}", "evals", [reached]
            )
        )
    return measurements


def _quality(shared: Path | None) -> None:
    folder = _REPOSITORY / "weights" / "draft"
    where = ["--shared", str(shared.resolve())] if shared else []
    subprocess.run([sys.executable, "measure.py", "draft.safetensors", "--distilled", *where], cwd=folder, check=True)
    with tempfile.TemporaryDirectory() as paintings:
        command = [sys.executable, "style.py", "draft.safetensors", "--output", paintings, *where]
        subprocess.run(command, cwd=folder, check=True)


def main() -> None:
    """Print all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quality", action="store_true", help="also measure against the teachers (ten minutes)")
    parser.add_argument("--shared", type=Path, help="the folder of teachers and pictures")
    args = parser.parse_args()
    print(f"{'':<58} {'min':>8} {'median':>8} {'max':>8}")
    with _temporary_home():
        for measurement in _measure_waits():
            print(measurement, flush=True)
        _stop()
        for measurement in _warm_start():
            print(measurement, flush=True)
    if args.quality:
        _quality(args.shared)


if __name__ == "__main__":
    main()
