"""What a step costs: the multiply-adds, and on a processor what its calls take besides."""

from __future__ import annotations

import pytest

from engine.support import recipe, small_network
from gramarye.engine.tiling.cost import STEP_OVERHEAD, SetupCost, setup_cost, step_cost
from gramarye.errors import DeviceError, WeightsError


def test_large_pictures_cost_in_proportion_and_small_ones_more() -> None:
    network, wanted = small_network(), recipe(precision="float32")
    small, double = (step_cost(wanted, network, "cpu", side, side) for side in (64, 128))
    assert small - STEP_OVERHEAD["cpu"] == pytest.approx(2.0 * network.multiply_adds(wanted.taps()) * 64 * 64)
    assert double - STEP_OVERHEAD["cpu"] == pytest.approx(4.0 * (small - STEP_OVERHEAD["cpu"]))
    assert double < 4.0 * small


def test_a_network_too_shallow_and_a_device_that_is_not_there_are_named() -> None:
    with pytest.raises(WeightsError) as shallow:
        step_cost(recipe(), small_network(depth="conv3_1"), "cpu", 64, 64)
    assert shallow.value.code == "network-too-shallow"
    with pytest.raises(DeviceError) as absent:
        step_cost(recipe(), small_network(), "cuda:99", 64, 64)
    assert absent.value.code == "device-unavailable"


def test_only_a_card_takes_time_to_set_up_whatever_the_size() -> None:
    assert setup_cost("cpu") == SetupCost()
