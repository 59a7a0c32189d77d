"""What a step of a painting costs, to tell how long those to come will take."""

from __future__ import annotations

from .device import choose_device
from .memory import feature_room
from .network import Network
from .plan import planned, planned_work
from .precision import chosen
from .recipe import Recipe


def effort(recipe: Recipe, network: Network, device: str, height: int, width: int) -> float:
    """Multiply-adds of an evaluation of height x width pixels, cut as it would be now on ``device``.

    WeightsError ``network-too-shallow``. DeviceError ``device-unavailable``.
    """
    network.check_depth(recipe.taps())
    there = choose_device(device)
    precision = chosen(recipe.precision, there)
    room = feature_room(there, network, height, width, recipe, precision)
    segments = planned(network, recipe.taps(), height, width, precision.features.itemsize, room)
    return planned_work(network, segments, height, width)
