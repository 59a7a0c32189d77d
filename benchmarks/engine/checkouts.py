"""Other programs, from checkouts that the user gives: timed as complete commands with their defaults."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from gramarye.engine.images.inputs import StyleInput, prepare_inputs
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture

from .cases import BenchmarkCase

LAYER_INDICES = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
"""Indices of conv1_1 to conv5_4 among torchvision's VGG19 layers; a network may end earlier."""


@dataclass(frozen=True)
class Outcome:
    """Seconds of a program's whole run, and its picture's loss under the common objective."""

    name: str
    seconds: float
    loss: float


def neural_style_pt(checkout: Path, case: BenchmarkCase, iterations: int) -> Outcome:
    """https://github.com/ProGamerGov/neural-style-pt, with the same weights as Gramarye."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content, style = _files(case, folder)
        torch.save(_caffe_state(case.network), folder / "vgg19.pth")
        command = [sys.executable, "neural_style.py", "-disable_check", "-model_file", str(folder / "vgg19.pth")]
        command += ["-content_image", content, "-style_image", style, "-num_iterations", str(iterations)]
        command += ["-image_size", _side(case), "-print_iter", "0", "-save_iter", "0"]
        command += ["-gpu", "0" if case.device.type == "cuda" else "c", "-output_image"]
        return _run_and_score("neural-style-pt", command, checkout, case, folder)


def style_transfer_pytorch(checkout: Path, case: BenchmarkCase) -> Outcome:
    """https://github.com/crowsonkb/style-transfer-pytorch, which downloads torchvision's weights."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content, style = _files(case, folder)
        command = [sys.executable, "-m", "style_transfer.cli", content, style]
        command += ["-s", _side(case), "--devices", str(case.device), "-o"]
        return _run_and_score("style-transfer-pytorch", command, checkout, case, folder)


def _files(case: BenchmarkCase, folder: Path) -> tuple[str, str]:
    """Write content and style at the case's size, so that every program uses the same size."""
    paths = []
    for name, picture in (("content", case.content), ("style", case.style)):
        paths.append(str(folder / f"{name}.png"))
        Image.fromarray(np.rint(255.0 * picture).astype(np.uint8)).save(paths[-1])
    return paths[0], paths[1]


def _side(case: BenchmarkCase) -> str:
    return str(max(case.content.shape[:2]))


def _run_and_score(name: str, command: list[str], checkout: Path, case: BenchmarkCase, folder: Path) -> Outcome:
    output = folder / "output.png"
    began = time.perf_counter()
    finished = subprocess.run([*command, str(output)], cwd=checkout, check=False, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    if finished.returncode or not output.exists():
        raise SystemExit(f"{name} ended with status {finished.returncode}; what it said stands above.")
    painted = to_picture(read_picture(output))
    inputs = prepare_inputs(painted, [StyleInput(case.style)], case.recipe, case.network, None)
    content, _ = case.network_inputs()
    if inputs.content.shape != content.shape:
        raise SystemExit(f"{name} painted {painted.shape[:2]} pixels, not {case.content.shape[:2]}.")
    return Outcome(name, seconds, case.reference_evaluator().evaluate(inputs.content.to(case.device)).loss)


def _caffe_state(network: Network) -> dict[str, torch.Tensor]:
    """A state dict with torchvision's names and first filters for BGR input, as in Caffe's weights."""
    state = {}
    for index, (name, own) in zip(LAYER_INDICES, network.convolutions.items(), strict=False):
        weight = own.weight.flip(1) if name == "conv1_1" else own.weight
        state[f"features.{index}.weight"] = weight.cpu().contiguous()
        state[f"features.{index}.bias"] = own.bias.cpu()
    return state
