"""Choice of the device, and memory estimates."""

import os
import subprocess
import sys

import pytest
import torch

from engine.support import recipe, small_network
from gramarye.engine.numeric.device import choose_device
from gramarye.engine.numeric.precision import FLOAT32
from gramarye.engine.tiling import memory
from gramarye.errors import DeviceError


def test_the_cpu_is_always_available_and_auto_finds_a_device() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cuda", "mps", "xpu", "cpu")


@pytest.mark.parametrize("name", ["abacus", "", "cuda:999", "cuda:x", "cpu:1", "meta"])
def test_an_unavailable_device_raises_a_named_error(name: str) -> None:
    with pytest.raises(DeviceError) as caught:
        choose_device(name)
    assert caught.value.code == "device-unavailable"
    assert "cpu" in caught.value.hint


def test_the_estimate_grows_with_pixels_layers_and_history() -> None:
    network, chosen = small_network(), recipe(style_layers=["relu1_1"], content_layers=["relu1_1"])
    estimate = memory.estimate_bytes(network, 256, 256, chosen)
    assert memory.estimate_bytes(network, 512, 256, chosen) > estimate
    assert memory.estimate_bytes(network, 256, 256, recipe()) > estimate
    assert memory.estimate_bytes(network, 256, 256, recipe(history=100)) > memory.estimate_bytes(
        network, 256, 256, recipe(history=10)
    )


def test_a_picture_beyond_memory_is_an_error_that_names_a_fitting_size(monkeypatch: pytest.MonkeyPatch) -> None:
    network, chosen, cpu = small_network(), recipe(), torch.device("cpu")
    enough = memory.estimate_bytes(network, 300, 400, chosen, budget=0)
    monkeypatch.setattr(memory, "free_bytes", lambda _: enough)
    memory.require_memory(cpu, network, chosen, (300, 400), [], FLOAT32)
    with pytest.raises(DeviceError) as caught:
        memory.require_memory(cpu, network, chosen, (3000, 4000), [], FLOAT32)
    assert caught.value.code == "picture-too-large"
    assert "4000 x 3000" in caught.value.message
    assert "400 pixels would fit" in caught.value.hint
    with pytest.raises(DeviceError, match="style"):
        memory.require_memory(cpu, network, chosen, (300, 400), [(30_000, 40_000)], FLOAT32)


def test_free_memory_of_this_machine_is_known() -> None:
    free = memory.free_bytes(torch.device("cpu"))
    assert free is not None
    assert free > 2**20


MEASURE = """
import sys
from pathlib import Path
import numpy as np
import torch
from engine.support import picture, recipe
from gramarye.engine.vgg.layers import CONVOLUTIONS
from gramarye.engine.tiling.memory import estimate_bytes
from gramarye.engine.vgg.network import Network
from gramarye.engine.paint import StyleInput, paint

torch.set_num_threads(1)
widths = [16, 32, 64, 128, 128]
arrays, channels = {}, 3
for name in CONVOLUTIONS[:13]:
    width = widths[int(name[4]) - 1]
    arrays[name + ".weight"] = np.random.default_rng(0).normal(0, (2 / 9 / channels) ** 0.5, (width, channels, 3, 3))
    arrays[name + ".bias"], channels = np.zeros(width), width
network = Network.from_arrays("random", {k: v.astype(np.float32) for k, v in arrays.items()}, (128, 128, 128))
chosen = recipe(steps=5, scales=1, optimiser=sys.argv[1], history=4)
small, large = picture((32, 32)), picture((480, 640))
list(paint(small, [StyleInput(small)], chosen, network))
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
before = peak()
list(paint(large, [StyleInput(large)], chosen, network))
used = (peak() - before) * 1024
border = 2 * chosen.margin
print(used, estimate_bytes(network, 480 + border, 640 + border, chosen))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's memory from /proc")
@pytest.mark.parametrize("optimiser", ["adam", "lbfgs"])
def test_the_estimate_covers_the_measured_peak(optimiser: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    output = subprocess.run(
        [sys.executable, "-c", MEASURE, optimiser], env=environment, check=True, capture_output=True, text=True
    ).stdout
    used, estimated = (int(word) for word in output.split())
    assert used < estimated < 2 * used


def test_history_is_shortened_for_very_large_pictures() -> None:
    assert memory.history_length(recipe(history=20), 2000, 2000) == 20
    assert memory.history_length(recipe(history=20), 3000, 4000) == 7
    assert memory.history_length(recipe(history=20), 2000, 2000, itemsize=8) == 5
    assert memory.history_length(recipe(history=2), 4000, 6000) == 2
    assert memory.history_length(recipe(history=20), 40_000, 60_000) == 3
