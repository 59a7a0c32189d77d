"""Peak memory of a painting by its megapixels, each size in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from gramarye.engine.images.inputs import StyleInput
from gramarye.engine.numeric.allocator import keep_freed_memory
from gramarye.engine.numeric.precision import choose_precision
from gramarye.engine.paint import paint
from gramarye.engine.recipe import presets
from gramarye.engine.tiling.memory import IMAGE_TENSORS, feature_budget, history_length
from gramarye.engine.tiling.plan import feature_bytes, plan_segments

from .cases import load_installed_network, make_cases
from .pairs import PAIRS

SIZES = ((1000, 1500), (2000, 3000), (4000, 6000), (5000, 7200))
"""Rows and columns: 1.5 to 36 megapixels."""

STEPS = 5
"""Enough steps to fill L-BFGS's history at the largest sizes."""


@dataclass(frozen=True)
class Peak:
    """Peak bytes of a painting beyond those in use once its picture was loaded, and its seconds per evaluation.

    ``features`` are the bytes planned for features, ``pictures`` the estimated memory of the optimiser in float32
    pictures.
    """

    megapixels: float
    bytes: int
    seconds: float
    features: int
    pictures: float


def measure_peaks(device: torch.device, network: str) -> list[Peak]:
    """The peaks of the installed network of that name, with the default recipe's objective at one scale."""
    found = []
    for size in SIZES:
        command = [sys.executable, "-m", "benchmarks.engine.memory", str(device), network, *map(str, size)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found.append(Peak(**json.loads(output.splitlines()[-1])))
    return found


def _measure(device: torch.device, name: str, rows: int, columns: int) -> Peak:
    keep_freed_memory(rows * columns)
    network = load_installed_network(name)
    recipe = replace(presets()["painting"].recipe, scales=1, steps=STEPS)
    (case,) = make_cases(PAIRS[:1], 512, network, device)
    style = [StyleInput(case.style)]
    for _ in paint(case.content, style, replace(recipe, steps=1), network, str(device)):
        pass  # warm-up
    small = torch.from_numpy(case.content).permute(2, 0, 1)[None]
    large = torch.nn.functional.interpolate(small, size=(rows, columns), mode="bilinear")
    content = large[0].permute(1, 2, 0).contiguous().numpy()
    del large
    before = _start(device)
    seconds: list[float] = []
    for iterate in paint(content, style, recipe, network, str(device)):
        seconds.append(iterate.seconds)
    taken = _peak_bytes(device) - before
    precision = choose_precision(recipe.precision, device)
    itemsize = precision.features.itemsize
    budget = feature_budget(device, network, rows, columns, recipe, precision)
    segments = plan_segments(network, recipe.taps(), rows, columns, itemsize, budget)
    features = feature_bytes(network, segments, recipe.taps(), rows, columns, itemsize)
    # a pair of bfloat16 pictures is one in float32
    pictures = IMAGE_TENSORS + float(history_length(recipe, rows, columns))
    return Peak(rows * columns / 1e6, taken, (seconds[-1] - seconds[0]) / (STEPS - 1), features, pictures)


def _start(device: torch.device) -> int:
    """Bytes in use; resets the peak."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device)
    Path("/proc/self/clear_refs").write_text("5")  # Linux: reset the high-water mark
    return _status("VmRSS")


def _peak_bytes(device: torch.device) -> int:
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else _status("VmHWM")


def _status(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    peak = _measure(torch.device(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    print(json.dumps(vars(peak)))
