"""What a step of a painting costs, to tell how long those to come will take."""

from __future__ import annotations

from dataclasses import dataclass

from ..numeric.device import choose_device
from ..numeric.precision import chosen
from ..recipe import Recipe
from ..vgg.network import Network
from .memory import feature_room
from .plan import planned, planned_work

BESIDES = {"cpu": 1e9, "cuda": 1e11}
"""Multiply-adds that a device could do in the time that a step takes besides them, however small the picture: about 10
milliseconds of calls on two cores with AMX, some on a card. Without it the small sizes, which come first, would
foretell twice too much, on a card many times."""


@dataclass(frozen=True)
class SettingUp:
    """``seconds`` that a size takes whatever it is, besides some evaluations, within its first ``steps``."""

    seconds: float = 0.0
    steps: int = 0


SETTING_UP = {"cuda": SettingUp(0.1, 4)}
"""On a card for what is recorded (measured on an H200)."""


def effort(recipe: Recipe, network: Network, device: str, height: int, width: int) -> float:
    """What a step on height x width pixels costs, in multiply-adds, cut as it would be now on ``device``.

    WeightsError ``network-too-shallow``. DeviceError ``device-unavailable``.
    """
    network.check_depth(recipe.taps())
    there = choose_device(device)
    precision = chosen(recipe.precision, there)
    room = feature_room(there, network, height, width, recipe, precision)
    segments = planned(network, recipe.taps(), height, width, precision.features.itemsize, room)
    return planned_work(network, segments, height, width) + BESIDES.get(there.type, 0.0)


def setting_up(device: str) -> SettingUp:
    """What setting up a size takes on a device. DeviceError ``device-unavailable``."""
    return SETTING_UP.get(choose_device(device).type, SettingUp())
