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

from .cases import PAIRS, make_cases

RUNS = 5
MATMUL_SIDE = {"cpu": 3072, "cuda": 8192}

CONVOLUTION_KERNELS = ("conv", "fprop", "dgrad", "first_features", "first_slopes")
"""What convolutions are called: by PyTorch, by cuDNN's kernels, and by our own."""


@dataclass(frozen=True)
class Rate:
    """What an evaluation takes, and both rates in operations (a multiply-add is two) per second.

    ``convolutions`` are the seconds that the convolutions take of it; ``is_replayed`` where it was timed as a replay of
    its recording.
    """

    precision: str
    seconds: float
    evaluation: float
    matmul: float
    convolutions: float
    is_replayed: bool


def rates(network: Network, device: torch.device, side: int = 512) -> list[Rate]:
    """Of an evaluation of ``side`` x ``side`` pixels: forward and backward, Gram matrices, everything."""
    found = []
    for name, features in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        precision = Precision(features=features)
        objective, x, moved = build_objective_at(network, device, precision, (side, side))
        tiled = TiledEvaluator(moved, objective, uncut(objective.taps), precision)
        with precision.applied(device):
            matmul = _matmul_rate(device, features)
        seconds = best_of(lambda tiled=tiled, x=x: tiled.evaluate(x))  # type: ignore[misc]  # bound now, not later
        work = 4.0 * network.multiply_adds(objective.taps) * side * side
        convolutions = _convolutions(tiled, x, seconds)
        found.append(Rate(name, seconds, work / seconds, matmul, convolutions, tiled.is_replayed))
    return found


def _convolutions(tiled: TiledEvaluator, x: torch.Tensor, seconds: float) -> float:
    """The convolutions' part of an evaluation's ``seconds``, by PyTorch's profiler, which slows a processor down."""
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
    """The least seconds of some runs, after one to warm up; evaluations end with the device at rest."""
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
    """The default recipe's objective at ``size``, a picture to evaluate it at, and the network as it then is."""
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
