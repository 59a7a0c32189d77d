"""Benchmark of the draft network on this machine: ``python benchmarks/draft.py [--quality]``.

Waiting times are measured with a real daemon, as a client sees them, with the draft alone and with the default network
after the draft's sketch. ``--quality`` adds the output of `weights/draft/measure.py` and `weights/draft/style.py`. They
compare the draft with VGG19 and need a folder of pictures (``--shared``). Nothing else should run meanwhile.
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
from unittest import mock

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
from gramarye.weights.store import DRAFT, NetworkInfo, find_network, load
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
        return f"{self.name:<74} {low:8.2f} {middle:8.2f} {high:8.2f} {self.unit:<6} {verdict}"


@contextmanager
def _temporary_home() -> Iterator[None]:
    """Set up temporary folders with the networks that come with Gramarye."""
    with tempfile.TemporaryDirectory() as root:
        folders = {
            f"GRAMARYE_{name}_DIR": str(Path(root) / name.lower()) for name in ("RUNTIME", "STATE", "CACHE", "DATA")
        }
        with mock.patch.dict(os.environ, folders):
            yield


def _layer(rows: int, columns: int) -> PixelBuffer:
    """The gallery's harbour as an RGBA layer of that size."""
    picture = read_picture(_GALLERY / "content.png")
    pixels = np.frombuffer(picture.data, np.uint8).reshape(picture.height, picture.width, 3)
    down, across = np.arange(rows) * picture.height // rows, np.arange(columns) * picture.width // columns
    layer = np.full((rows, columns, 4), 255, np.uint8)
    layer[..., :3] = pixels[down][:, across]
    return PixelBuffer(columns, rows, "RGBA", "u8", layer.tobytes())


def _time_to_first_preview(client: Client, layer: PixelBuffer, network: str) -> float:
    """Seconds from the submission to the first preview at the client; the job is then cancelled."""
    began = time.perf_counter()
    watch = WatchOptions(preview_every=0.05, preview_side=512)
    job = client.submit(layer, [Style(name="swirls")], network=network, watch=watch, title="preview")
    seconds = 0.0
    for event in job:
        if isinstance(event, Preview) and not seconds:
            seconds = time.perf_counter() - began
            job.cancel()
    return seconds


def _time_to_painting(client: Client, layer: PixelBuffer, network: str) -> float:
    """Seconds from the submission to the painting at the client."""
    began = time.perf_counter()
    client.submit(layer, [Style(name="swirls")], network=network).result()
    return time.perf_counter() - began


def _measure_waits(default: str) -> Iterator[Measurement]:
    with Client() as client:
        for network in (DRAFT, default):
            _time_to_painting(client, _layer(192, 192), network)  # warms the worker
        for network in (DRAFT, default):
            for rows, columns in _LAYERS:
                yield Measurement(
                    f"first preview, {rows * columns / 1e6:.1f} MP layer, {network}",
                    "s",
                    [_time_to_first_preview(client, _layer(rows, columns), network) for _ in range(_RUNS)],
                    1.0,
                )
        for network, aim in ((DRAFT, 15.0), (default, 0.0)):
            seconds = _time_to_painting(client, _layer(512, 512), network)
            yield Measurement(f"a finished 512 px painting, {network}", "s", [seconds], aim)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "gramarye", "demo", "-o", str(Path(folder) / "sheet.png")]
        subprocess.run(command, check=True, capture_output=True)
    yield Measurement(f"gramarye demo: the sheet of eight, {default}", "s", [time.perf_counter() - began], 90.0)


def _stop() -> None:
    subprocess.run([sys.executable, "-m", "gramarye", "stop"], check=True, capture_output=True)


def _load(info: NetworkInfo) -> Network:
    return Network.from_arrays(info.name, load(info), info.mean)


def _warm_start(default: Network) -> Iterator[Measurement]:
    """The default network's evaluations to the loss of a cold run, if it starts from the draft's sketch."""
    draft = _load(find_network(DRAFT))
    content = to_picture(read_picture(_GALLERY / "content.png", max_side=_WARM_SIDE))
    recipe = replace(presets()["painting"].recipe, scales=1, steps=_COLD_EVALUATIONS)
    for style in list(built_in_styles().values())[:3]:
        styles = [Picture(to_picture(read_picture(style.path, max_side=_WARM_SIDE)))]
        cold = [iterate.best_loss or 0.0 for iterate in paint(content, styles, recipe, default)]
        *_, last = sketch(content, styles, recipe, draft, (content.shape[0], content.shape[1]), "cpu")
        warm = paint(content, styles, replace(recipe, init="picture"), default, start=apply_sketch(content, last))
        reached = next((i.step for i in warm if (i.best_loss or 0.0) <= cold[-1]), _COLD_EVALUATIONS + 1)
        name = f"{default.name}'s evaluations to a cold run's loss after {len(cold)}, {style.title}"
        yield Measurement(name, "evals", [reached])


def _quality(shared: Path | None, paintings: Path) -> None:
    """Print what the scripts beside the draft measure; VGG19's paintings are kept in a folder for the next run."""
    folder = _REPOSITORY / "weights" / "draft"
    where = ["--shared", str(shared.resolve())] if shared else []
    commands = (["measure.py", "draft.safetensors"], ["style.py", "draft.safetensors", "--output", str(paintings)])
    for command in commands:
        subprocess.run([sys.executable, *command, *where], cwd=folder, check=True)


def main() -> None:
    """Print all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quality", action="store_true", help="also compare with VGG19 (some ten minutes)")
    parser.add_argument("--shared", type=Path, help="the folder of pictures")
    parser.add_argument("--paintings", type=Path, default=Path("build/draft"), help="folder for --quality's paintings")
    args = parser.parse_args()
    with _temporary_home():
        default = find_network()
        print(f"draft: {find_network(DRAFT).description}; default network: {default.name}, {default.description}")
        print(f"{'':<74} {'min':>8} {'median':>8} {'max':>8}")
        for measurement in _measure_waits(default.name):
            print(measurement, flush=True)
        _stop()
        for measurement in _warm_start(_load(default)):
            print(measurement, flush=True)
    if args.quality:
        _quality(args.shared, args.paintings.resolve())


if __name__ == "__main__":
    main()
