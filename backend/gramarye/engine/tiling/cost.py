"""Cost of a painting's steps, to estimate the remaining time."""

from __future__ import annotations

from dataclasses import dataclass

from ..numeric.device import choose_device
from ..numeric.precision import choose_precision
from ..recipe import Recipe
from ..vgg.network import Network
from .memory import feature_budget
from .plan import plan_segments, planned_multiply_adds

STEP_OVERHEAD = {"cpu": 1e9, "cuda": 1e11}
"""Fixed overhead of a step, as the multiply-adds that the device could do in that time.

About 10 milliseconds of calls on two CPU cores with AMX, a few on a GPU. Without it, estimates from the small sizes,
which are painted first, would be twice too long, and on a GPU many times.
"""


@dataclass(frozen=True)
class SetupCost:
    """Setup of a size: ``seconds``, independent of the size, spent within its first ``steps``."""

    seconds: float = 0.0
    steps: int = 0


SETUP_COSTS = {"cuda": SetupCost(0.1, 4)}
"""On CUDA, for recording graphs (measured on an H200)."""


def step_cost(recipe: Recipe, network: Network, device: str, height: int, width: int) -> float:
    """Return the multiply-adds of a step on height x width pixels, with the tiles that ``device`` would use now.

    WeightsError ``network-too-shallow``. DeviceError ``device-unavailable``.
    """
    network.check_depth(recipe.taps())
    compute_device = choose_device(device)
    precision = choose_precision(recipe.precision, compute_device)
    budget = feature_budget(compute_device, network, height, width, recipe, precision)
    segments = plan_segments(network, recipe.taps(), height, width, precision.features.itemsize, budget)
    return planned_multiply_adds(network, segments, height, width) + STEP_OVERHEAD.get(compute_device.type, 0.0)


def setup_cost(device: str) -> SetupCost:
    """Return the setup cost of a size on a device. DeviceError ``device-unavailable``."""
    return SETUP_COSTS.get(choose_device(device).type, SetupCost())
