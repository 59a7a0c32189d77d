"""What a step of a painting costs, to tell how long those to come will take."""

from __future__ import annotations

from .device import choose_device
from .memory import feature_room
from .network import Network
from .plan import planned, planned_work
from .precision import chosen
from .recipe import Recipe

BESIDES = 1e9
"""Multiply-adds that a processor could do in the time that a step takes besides them, however small the picture:
about 10 milliseconds of calls on two cores with AMX. Without it the small sizes, which come first, would foretell twice
too much."""


def effort(recipe: Recipe, network: Network, device: str, height: int, width: int) -> float:
    """What a step on height x width pixels costs, in multiply-adds, cut as it would be now on ``device``.

    WeightsError ``network-too-shallow``. DeviceError ``device-unavailable``.
    """
    network.check_depth(recipe.taps())
    there = choose_device(device)
    precision = chosen(recipe.precision, there)
    room = feature_room(there, network, height, width, recipe, precision)
    segments = planned(network, recipe.taps(), height, width, precision.features.itemsize, room)
    return planned_work(network, segments, height, width) + (BESIDES if there.type == "cpu" else 0.0)
