"""Arithmetic rates: one evaluation against the largest matrix product, per number format."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch.profiler import ProfilerActivity, profile

from gramarye.engine.images.inputs import StyleInput, prepare_inputs
from gramarye.engine.loss.objective import Objective, build_objective
from gramarye.engine.numeric.precision import Precision
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.recipe import presets
from gramarye.engine.tiling.segments import uncut
from gramarye.engine.vgg.network import Network

from .cases import make_cases
from .pairs import PAIRS

RUNS = 5
MATMUL_SIDE = {"cpu": 3072, "cuda": 8192}

CONVOLUTION_KERNELS = ("conv", "fprop", "dgrad", "first_features", "first_slopes")
"""Parts of the names of convolutions: PyTorch's, cuDNN's kernels, and our own."""


@dataclass(frozen=True)
class Rate:
    """Seconds of an evaluation, and both rates in operations per second (a multiply-add is two).

    ``convolutions`` are the seconds that the convolutions take of it. ``is_replayed`` tells whether a replayed CUDA
    graph was timed.
    """

    precision: str
    seconds: float
    evaluation: float
    matmul: float
    convolutions: float
    is_replayed: bool


def rates(network: Network, device: torch.device, side: int = 512) -> list[Rate]:
    """The rates of a complete evaluation of ``side`` x ``side`` pixels: forward, backward and Gram matrices."""
    found = []
    for name, features in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        precision = Precision(features=features)
        objective, x, moved = build_objective_at(network, device, precision, (side, side))
        tiled = TiledEvaluator(moved, objective, uncut(objective.taps), precision)
        with precision.applied(device):
            matmul = _matmul_rate(device, features)
        seconds = best_of(lambda tiled=tiled, x=x: tiled.evaluate(x))  # type: ignore[misc]  # bind the loop variables
        work = 4.0 * network.multiply_adds(objective.taps) * side * side
        convolutions = _convolutions(tiled, x, seconds)
        found.append(Rate(name, seconds, work / seconds, matmul, convolutions, tiled.is_replayed))
    return found


def _convolutions(tiled: TiledEvaluator, x: torch.Tensor, seconds: float) -> float:
    """The convolutions' part of an evaluation's ``seconds``, by PyTorch's profiler, which slows a CPU down."""
    on_device = x.device.type != "cpu"
    activities = [ProfilerActivity.CUDA] if x.device.type == "cuda" else [ProfilerActivity.CPU]
    with profile(activities=activities) as profiled:
        tiled.evaluate(x)
    taken = {
        event.key: event.self_device_time_total if on_device else event.self_cpu_time_total
        for event in profiled.key_averages()
    }
    convolutions = sum(
        took for name, took in taken.items() if any(part in name.lower() for part in CONVOLUTION_KERNELS)
    )
    return float(1e-6 * convolutions if on_device else seconds * convolutions / max(1.0, sum(taken.values())))


def best_of(work: Callable[[], object]) -> float:
    """The least seconds of several runs after a warm-up; an evaluation ends when the device is idle."""
    work()
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def build_objective_at(
    network: Network, device: torch.device, precision: Precision, size: tuple[int, int]
) -> tuple[Objective, torch.Tensor, Network]:
    """The default recipe's objective at ``size``, a picture to evaluate, and the network in its precision."""
    moved = network.to(device, precision.features)
    recipe = replace(presets()["painting"].recipe, margin=0)
    (case,) = make_cases(PAIRS[:1], 512, network, device)
    inputs = prepare_inputs(case.content, [StyleInput(case.style)], recipe, moved, None)
    content = torch.nn.functional.interpolate(inputs.content, size=size, mode="bilinear").to(device, precision.pixels)
    objective = build_objective(recipe, moved, content, inputs.style_pictures(*inputs.size, device, precision.pixels))
    return objective, content, moved


def _matmul_rate(device: torch.device, dtype: torch.dtype) -> float:
    side = MATMUL_SIDE.get(device.type, 4096)
    a, b = (torch.randn((side, side), device=device).to(dtype) for _ in range(2))
    return 2.0 * side**3 / best_of(lambda: float((a @ b)[0, 0]))
