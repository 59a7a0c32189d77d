"""Multiply-adds of an evaluation with given segments."""

import pytest

from engine.support import small_network
from gramarye.engine.tiling.plan import planned_multiply_adds
from gramarye.engine.tiling.segments import cut_segments, uncut

TAPS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


def test_a_whole_picture_costs_one_forward_and_one_backward_pass() -> None:
    network = small_network()
    assert planned_multiply_adds(network, uncut(TAPS), 64, 96) == pytest.approx(
        2.0 * network.multiply_adds(TAPS) * 64 * 96
    )


def test_recomputation_and_halos_are_counted() -> None:
    network = small_network()
    plain = network.multiply_adds(TAPS) * 256 * 256
    in_one_tile = cut_segments(TAPS, ["pool3"], 256, keeps_last=False)
    assert planned_multiply_adds(network, in_one_tile, 256, 256) == pytest.approx(3.0 * plain)
    kept = cut_segments(TAPS, ["pool3"], 256, keeps_last=True)
    assert 2.0 * plain < planned_multiply_adds(network, kept, 256, 256) < 3.0 * plain
    assert planned_multiply_adds(network, cut_segments(TAPS, ["pool3"], 64, keeps_last=False), 256, 256) > 3.3 * plain
