"""What a step of a painting costs, to tell how long those to come will take."""

from __future__ import annotations

from dataclasses import dataclass

from ..numeric.device import choose_device
from ..numeric.precision import choose_precision
from ..recipe import Recipe
from ..vgg.network import Network
from .memory import feature_budget
from .plan import plan_segments, planned_multiply_adds

STEP_OVERHEAD = {"cpu": 1e9, "cuda": 1e11}
"""Multiply-adds that a device could do in the time that a step takes besides them, however small the picture: about 10
milliseconds of calls on two cores with AMX, some on a card. Without it the small sizes, which come first, would
foretell twice too much, on a card many times."""


@dataclass(frozen=True)
class SetupCost:
    """``seconds`` that a size takes whatever it is, besides some evaluations, within its first ``steps``."""

    seconds: float = 0.0
    steps: int = 0


SETUP_COSTS = {"cuda": SetupCost(0.1, 4)}
"""On a card for what is recorded (measured on an H200)."""


def step_cost(recipe: Recipe, network: Network, device: str, height: int, width: int) -> float:
    """What a step on height x width pixels costs, in multiply-adds, cut as it would be now on ``device``.

    WeightsError ``network-too-shallow``. DeviceError ``device-unavailable``.
    """
    network.check_depth(recipe.taps())
    compute_device = choose_device(device)
    precision = choose_precision(recipe.precision, compute_device)
    budget = feature_budget(compute_device, network, height, width, recipe, precision)
    segments = plan_segments(network, recipe.taps(), height, width, precision.features.itemsize, budget)
    return planned_multiply_adds(network, segments, height, width) + STEP_OVERHEAD.get(compute_device.type, 0.0)


def setup_cost(device: str) -> SetupCost:
    """What setting up a size takes on a device. DeviceError ``device-unavailable``."""
    return SETUP_COSTS.get(choose_device(device).type, SetupCost())
