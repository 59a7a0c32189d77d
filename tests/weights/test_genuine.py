"""Genuine networks, which are not part of the project; skipped if absent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gramarye.weights.importing import import_file
from gramarye.weights.read import read_network
from gramarye.weights.store import load
from reference import vgg
from support.weight_files import POSITIONS, Kernels, write_h5, write_mat, write_pth


@pytest.fixture
def genuine(shared: Path) -> Path:
    """Path of Oxford's conv1_1 ... conv3_4, for BGR."""
    return shared / "weights" / "vgg19_conv1_1-conv3_4.npz"


def test_oxford_is_recognised_by_its_filters(genuine: Path) -> None:
    info = import_file(genuine)
    assert (info.depth, info.widths, info.lineage) == ("conv3_4", (64, 128, 256), "Oxford")
    with np.load(genuine) as arrays:
        np.testing.assert_array_equal(load(info)["conv1_1.weight"], arrays["conv1_1.weight"][:, ::-1])


@pytest.mark.parametrize("order", ["BGR", "RGB"])
def test_oxford_saved_again_is_not_taken_for_torchvision(order: str, genuine: Path, tmp_path: Path) -> None:
    """The .pth of the Caffe lineage has torchvision's names; only its content differs."""
    with np.load(genuine) as arrays:
        kernel, bias = arrays["conv1_1.weight"], arrays["conv1_1.bias"]
    write_pth(tmp_path / "n", {"features.0.weight": kernel[:, :: 1 if order == "BGR" else -1], "features.0.bias": bias})
    network = read_network(tmp_path / "n")
    assert network.lineage == "Oxford"
    np.testing.assert_array_equal(network.convolutions["conv1_1"].weight, kernel[:, ::-1])


def test_full_width_through_every_format(genuine: Path, tmp_path: Path) -> None:
    with np.load(genuine) as arrays:
        keys = [key.removesuffix(".weight") for key in arrays if key.endswith(".weight")]
        network: Kernels = {key: (arrays[f"{key}.weight"], arrays[f"{key}.bias"]) for key in keys}
    network["conv1_1"] = (network["conv1_1"][0][:, ::-1], network["conv1_1"][1])
    write_mat(tmp_path / "mat", network, weights_first=False)
    write_h5(tmp_path / "h5", network)
    for path in (tmp_path / "mat", tmp_path / "h5"):
        read = read_network(path).convolutions
        for name, (kernel, bias) in network.items():
            np.testing.assert_array_equal(read[name].weight, kernel)
            np.testing.assert_array_equal(read[name].bias, bias)
    assert POSITIONS[len(network) - 1] == 16


def test_distilled_network_answers_through_its_own_preprocessing(shared: Path) -> None:
    path = shared / "weights" / "vgg19_quarter_distilled.npz"
    info = import_file(path)
    assert info.description == "13 convolutions through conv5_1, widths 16/32/64/128/128"
    picture = np.random.default_rng(2).uniform(0, 255, (8, 6, 3))
    with np.load(path) as arrays:
        matrix, offset = arrays["conv0.weight"][:, :, 0, 0].astype(float), arrays["conv0.bias"].astype(float)
        first = (arrays["conv11.weight"].astype(float), arrays["conv11.bias"].astype(float))
    wanted = vgg.forward({"conv1_1": first}, picture / 255 @ matrix.T + offset)["conv1_1"]
    folded = {key: values.astype(float) for key, values in load(info).items()}
    layers = {"conv1_1": (folded["conv1_1.weight"], folded["conv1_1.bias"])}
    got = vgg.forward(layers, picture - np.array(info.mean))["conv1_1"]
    np.testing.assert_allclose(got, wanted, atol=1e-5 * np.abs(wanted).max())
