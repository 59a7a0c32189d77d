"""Conversion between the reference's arrays (H, W, C) and the engine's tensors (1, C, H, W), and test data."""

from functools import partial

import numpy as np
import torch
from torch import Tensor

from gramarye.engine.cuda.graphs import GraphRecorder
from gramarye.engine.images.pictures import Picture
from gramarye.engine.loss.objective import Objective
from gramarye.engine.numeric.blocked import inner_product
from gramarye.engine.optimise.evaluator import Evaluation, WholeEvaluator, _gradient_and_values
from gramarye.engine.recipe import Recipe
from gramarye.engine.tiling.segments import uncut
from gramarye.engine.vgg.network import Network
from reference import arrays, vgg
from reference.arrays import Array

TOLERANCES = [(torch.float64, 1e-10), (torch.float32, 1e-5)]
"""(dtype, tolerance) of the engine against the reference, relative to the greatest value."""

SIZES = [(32, 48), (37, 45), (17, 16)]


def engine_network(
    reference: arrays.Network,
    dtype: torch.dtype = torch.float64,
    mean: tuple[float, float, float] = (128.0, 117.0, 104.0),
) -> Network:
    """An engine network with the reference's weights."""
    parts = {}
    for name, (weight, bias) in reference.items():
        parts[f"{name}.weight"], parts[f"{name}.bias"] = weight, bias
    return Network.from_arrays("random", parts, mean).to(torch.device("cpu"), dtype)


def tensor(array: Array, dtype: torch.dtype = torch.float64) -> Tensor:
    """(H, W, C) -> (1, C, H, W)."""
    return torch.tensor(array.transpose(2, 0, 1)[np.newaxis], dtype=dtype)


def array(x: Tensor) -> Array:
    """(1, C, H, W) -> (H, W, C), float64."""
    result: Array = x.detach()[0].permute(1, 2, 0).to(torch.float64).numpy()
    return result


def assert_close(actual: Array, expected: Array, tolerance: float) -> None:
    """Assert equality within ``tolerance`` times the greatest expected magnitude."""
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * float(np.abs(expected).max()))


def pixels(size: tuple[int, int], seed: int = 0) -> Array:
    """(H, W, 3) pixels, 0..255 minus 128: smooth waves and noise that depend on the seed."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[: size[0], : size[1]].astype(float)
    channels = []
    for _ in range(3):
        a, b, c = generator.uniform(0.1, 0.6, 3)
        channels.append(60.0 * np.sin(a * rows + c) + 50.0 * np.cos(b * columns))
    return np.stack(channels, axis=2) + generator.normal(0.0, 6.0, (*size, 3))


def picture(size: tuple[int, int], seed: int = 0) -> Picture:
    """`pixels` as a picture, (H, W, 3) RGB 0..1."""
    result: Picture = (np.clip(pixels(size, seed) + 128.0, 0.0, 255.0) / 255.0).astype(np.float32)
    return result


def small_network(dtype: torch.dtype = torch.float32, depth: str = "conv5_1") -> Network:
    """A random network with few channels."""
    return engine_network(vgg.random_network(depth=depth), dtype)


def recipe(preset: str = "painting", **values: object) -> Recipe:
    """A preset with some values replaced."""
    return Recipe.from_dict(values, preset)


class Quadratic:
    """1/2 sum k (x - target)^2 with curvatures k from 1 to ``condition``; records every loss."""

    def __init__(self, target: Tensor, condition: float = 100.0) -> None:
        self.target = target
        self.curvatures = torch.logspace(0.0, float(np.log10(condition)), target.numel(), dtype=target.dtype).reshape(
            target.shape
        )
        self.losses: list[float] = []

    def evaluate(self, x: Tensor) -> Evaluation:
        """Loss and gradient at x."""
        offset = x - self.target
        loss = float(0.5 * (self.curvatures * offset.square()).sum())
        self.losses.append(loss)
        return Evaluation(loss, self.curvatures * offset, {"quadratic": loss})


class Rosenbrock:
    """sum 100 (b - a^2)^2 + (1 - a)^2 over pairs (a, b) of neighbouring pixels divided by 10."""

    def evaluate(self, x: Tensor) -> Evaluation:
        """Loss and gradient at x (1, 3, H, an even W)."""
        x = x.detach().requires_grad_()
        a, b = x[..., ::2] / 10.0, x[..., 1::2] / 10.0
        loss = (100.0 * (b - a.square()).square() + (1.0 - a).square()).sum()
        (gradient,) = torch.autograd.grad(loss, x)
        return Evaluation(loss.item(), gradient, {"valley": loss.item()})


def dot(a: Tensor, b: Tensor) -> float:
    """<a, b> of two tensors of one shape, as the engine computes it."""
    return float(inner_product(a, b))


class WholeImage(WholeEvaluator):
    """Evaluates a picture of any size in one piece."""

    def __init__(self, network: Network, objective: Objective, recorder: GraphRecorder | None = None) -> None:
        super().__init__(objective, partial(_gradient_and_values, network, objective, uncut(objective.taps)), recorder)
        self.network = network
