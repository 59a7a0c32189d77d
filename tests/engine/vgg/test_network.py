"""The network's features and gradients against the reference, and rejected networks."""

import numpy as np
import pytest
import torch

from engine.support import SIZES, TOLERANCES, array, assert_close, engine_network, pixels, small_network, tensor
from gramarye.engine.vgg.layers import LAYERS
from gramarye.engine.vgg.network import Network
from gramarye.errors import WeightsError
from reference import vgg

FULL = vgg.random_network(depth="conv5_4")


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("size", SIZES)
def test_the_features_of_every_layer(size: tuple[int, int], dtype: torch.dtype, tolerance: float) -> None:
    x = pixels(size)
    expected = vgg.forward(FULL, x, LAYERS[-1])
    features = engine_network(FULL, dtype).features(tensor(x, dtype), LAYERS)
    assert tuple(features) == LAYERS
    for name in LAYERS:
        assert_close(array(features[name]), expected[name], tolerance)


@pytest.mark.parametrize("name", LAYERS)
def test_gradient_through_each_tap_alone(name: str) -> None:
    x = pixels((17, 19))
    upstream = np.random.default_rng(1).standard_normal(vgg.forward(FULL, x, name)[name].shape)
    expected = vgg.backward(FULL, vgg.forward(FULL, x, name), {name: upstream})
    variable = tensor(x).requires_grad_()
    features = engine_network(FULL).features(variable, [name])[name]
    (gradient,) = torch.autograd.grad((features * tensor(upstream)).sum(), variable)
    assert_close(array(gradient), expected, 1e-10)


def test_a_convolution_tap_is_not_modified_by_its_relu() -> None:
    features = small_network().features(tensor(pixels((16, 16)), torch.float32), ["conv1_1", "relu1_1"])
    assert bool((features["conv1_1"] < 0).any())
    assert torch.equal(features["relu1_1"], features["conv1_1"].relu())


def test_taps_come_in_network_order_and_no_deeper_layer_runs() -> None:
    shallow = small_network(depth="conv2_1")
    features = shallow.features(tensor(pixels((16, 16)), torch.float32), ["relu2_1", "conv1_2"])
    assert list(features) == ["conv1_2", "relu2_1"]


def test_a_tap_beyond_the_weights_is_rejected_with_a_hint() -> None:
    with pytest.raises(WeightsError) as caught:
        small_network(depth="conv2_2").check_depth(["relu3_1"])
    assert caught.value.code == "network-too-shallow"
    assert "conv3_1" in caught.value.message
    assert "relu2_2" in caught.value.hint


def _arrays() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    return {
        f"{name}.{part}": value
        for name, pair in vgg.random_network(depth="conv2_1").items()
        for part, value in zip(("weight", "bias"), pair, strict=True)
    }


def test_malformed_networks_are_rejected() -> None:
    good = _arrays()
    broken = [
        {},
        {k: v for k, v in good.items() if k != "conv1_2.bias"},
        {k: v for k, v in good.items() if not k.startswith("conv1_2")},
        {**good, "fc6.weight": np.zeros(3), "fc6.bias": np.zeros(3)},
        {**good, "conv1_2.weight": np.zeros((6, 5, 3, 3))},
        {**good, "conv1_1.weight": np.zeros((4, 3, 5, 5))},
        {**good, "conv1_1.bias": np.zeros(5)},
        {**good, "conv2_1.bias": np.full(6, np.nan)},
    ]
    assert list(Network.from_arrays("good", good, (1, 2, 3)).convolutions) == ["conv1_1", "conv1_2", "conv2_1"]
    for arrays in broken:
        with pytest.raises(WeightsError) as caught:
            Network.from_arrays("broken", arrays, (1, 2, 3))
        assert caught.value.code == "network-malformed"
        assert "'broken'" in caught.value.message


def test_a_readout_changes_its_tap_and_no_other() -> None:
    """Reference: the plain features multiplied in NumPy; the next tap is the same as without the readout."""
    mix = np.random.default_rng(5).standard_normal((4, 4))
    x = tensor(pixels((17, 19)))
    plain = Network.from_arrays("plain", _arrays(), (1, 2, 3))
    mixed = Network.from_arrays("mixed", {**_arrays(), "relu1_1.readout": mix}, (1, 2, 3))
    before, after = (network.features(x, ["conv1_1", "relu1_1", "relu2_1"]) for network in (plain, mixed))
    assert_close(array(after["relu1_1"]), array(before["relu1_1"]) @ mix.T, 1e-12)
    assert torch.equal(after["conv1_1"], before["conv1_1"])
    assert torch.equal(after["relu2_1"], before["relu2_1"])


@pytest.mark.parametrize(
    "readout",
    [
        {"relu1_1.readout": np.eye(5)},
        {"relu3_1.readout": np.eye(4)},
        {"conv1_1.readout": np.eye(4)},
        {"relu1_1.readout": np.full((4, 4), np.nan)},
    ],
)
def test_readouts_that_fit_no_tap_are_rejected(readout: dict[str, np.ndarray]) -> None:
    with pytest.raises(WeightsError) as caught:
        Network.from_arrays("broken", {**_arrays(), **readout}, (1, 2, 3))
    assert caught.value.code == "network-malformed"
    assert "readout" in caught.value.message
