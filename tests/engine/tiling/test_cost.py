"""The cost of a step: multiply-adds and overhead."""

from __future__ import annotations

import pytest

from engine.support import recipe, small_network
from gramarye.engine.tiling.cost import STEP_OVERHEAD, SetupCost, setup_cost, step_cost
from gramarye.errors import DeviceError, WeightsError


def test_cost_is_proportional_to_pixels_plus_an_overhead() -> None:
    network, wanted = small_network(), recipe(precision="float32")
    small, double = (step_cost(wanted, network, "cpu", side, side) for side in (64, 128))
    assert small - STEP_OVERHEAD["cpu"] == pytest.approx(2.0 * network.multiply_adds(wanted.taps()) * 64 * 64)
    assert double - STEP_OVERHEAD["cpu"] == pytest.approx(4.0 * (small - STEP_OVERHEAD["cpu"]))
    assert double < 4.0 * small


def test_a_shallow_network_and_an_unknown_device_raise_named_errors() -> None:
    with pytest.raises(WeightsError) as shallow:
        step_cost(recipe(), small_network(depth="conv3_1"), "cpu", 64, 64)
    assert shallow.value.code == "network-too-shallow"
    with pytest.raises(DeviceError) as absent:
        step_cost(recipe(), small_network(), "cuda:99", 64, 64)
    assert absent.value.code == "device-unavailable"


def test_the_cpu_has_no_setup_cost() -> None:
    assert setup_cost("cpu") == SetupCost()
