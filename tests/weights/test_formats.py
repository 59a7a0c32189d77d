"""Every format and input convention gives the same network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from gramarye.weights.read import read_network
from reference import vgg
from support.weight_files import (
    MEAN,
    UNIT_MEAN,
    Kernels,
    as_bgr,
    as_normalised_rgb,
    small_network,
    state_dict,
    write_distilled,
    write_gramarye,
    write_h5,
    write_mat,
    write_npz,
    write_plain_safetensors,
    write_pth,
    write_torch_tar,
)

Write = Callable[[Path, Kernels], None]


def _pth(path: Path, network: Kernels, *, zipped: bool) -> None:
    write_pth(path, state_dict(as_normalised_rgb(network)), zipped=zipped)


def _caffe_pth(path: Path, network: Kernels) -> None:
    write_pth(path, state_dict(as_bgr(network)))


def _tar(path: Path, network: Kernels, *, python2: bool) -> None:
    write_torch_tar(path, state_dict(as_bgr(network)), python2=python2)


FORMATS: dict[str, tuple[Write, str]] = {
    "mat, weights first": (partial(write_mat, weights_first=True), ""),
    "mat, name first": (partial(write_mat, weights_first=False), ""),
    "mat, mean at the root": (partial(write_mat, weights_first=True, normalization="root"), ""),
    "mat, no mean": (partial(write_mat, weights_first=False, normalization="none"), ""),
    "mat, filters and biases": (partial(write_mat, weights_first=True, early=True), ""),
    "keras, published": (write_h5, ""),
    "keras 2": (partial(write_h5, layout="keras2"), ""),
    "keras, nested": (partial(write_h5, layout="nested"), ""),
    "torchvision pth": (partial(_pth, zipped=True), ""),
    "torchvision pth, legacy": (partial(_pth, zipped=False), ""),
    "caffe pth": (_caffe_pth, "caffe"),
    "caffe pth, tar of Python 2": (partial(_tar, python2=True), "caffe"),
    "caffe pth, tar of Python 3": (partial(_tar, python2=False), "caffe"),
    "npz": (write_npz, ""),
    "distilled npz": (write_distilled, ""),
    "own safetensors": (write_gramarye, ""),
    "plain safetensors": (write_plain_safetensors, ""),
}


@pytest.mark.parametrize("name", FORMATS)
def test_same_network_from_every_format(name: str, tmp_path: Path) -> None:
    write, expected_input = FORMATS[name]
    path = tmp_path / "no-suffix"
    original = small_network()
    write_at(write, path, original)
    network = read_network(path, expected_input)
    assert list(network.convolutions) == list(original)
    picture = np.random.default_rng(0).uniform(0, 255, (9, 7, 3))
    mean = 255 * UNIT_MEAN if "torchvision" in name or "plain" in name else MEAN
    wanted = vgg.forward(original, picture - mean)
    folded = {layer: (each.weight, each.bias) for layer, each in network.convolutions.items()}
    got = vgg.forward(folded, picture - np.array(network.mean))
    np.testing.assert_allclose(network.mean, mean, rtol=1e-6)
    for tap in ("conv1_1", "relu2_1", "conv5_1"):
        np.testing.assert_allclose(got[tap], wanted[tap], atol=2e-5 * np.abs(wanted[tap]).max())


def write_at(write: Write, path: Path, network: Kernels) -> None:
    """Write with the extension that the library requires, then remove it, so that only the content shows the format."""
    named = path.with_name("file.npz" if write in (write_npz, write_distilled) else "file.mat")
    write(named, network)
    named.rename(path)


def test_torchvision_folding_is_its_own_preprocessing(tmp_path: Path) -> None:
    kernels = as_normalised_rgb(small_network())
    write_pth(tmp_path / "n", state_dict(kernels))
    network = read_network(tmp_path / "n")
    picture = np.random.default_rng(1).uniform(0, 255, (6, 5, 3))
    theirs = (picture / 255 - UNIT_MEAN) / np.array([0.229, 0.224, 0.225])
    first = network.convolutions["conv1_1"]
    ours = vgg.forward({"conv1_1": (first.weight, first.bias)}, picture - np.array(network.mean))["conv1_1"]
    wanted = vgg.forward(kernels, theirs)["conv1_1"]
    np.testing.assert_allclose(ours, wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("weights_first", [True, False])
def test_mat_kernels_are_turned_from_width_height_to_height_width(weights_first: bool, tmp_path: Path) -> None:
    """A kernel that uses only the pixel above and to the right still does so after loading."""
    kernel = np.zeros((1, 3, 3, 3), np.float32)
    kernel[0, 0, 0, 2] = 1.0  # row above, column to the right, red
    write_mat(tmp_path / "n.mat", {"conv1_1": (kernel, np.zeros(1, np.float32))}, weights_first=weights_first)
    network = read_network(tmp_path / "n.mat")
    np.testing.assert_array_equal(network.convolutions["conv1_1"].weight, kernel)
    picture = np.zeros((4, 4, 3))
    picture[1, 2, 0] = 5.0
    first = network.convolutions["conv1_1"]
    answer = vgg.forward({"conv1_1": (first.weight, first.bias)}, picture)["conv1_1"][:, :, 0]
    assert np.argwhere(answer).tolist() == [[2, 1]]


def test_mat_file_has_the_published_structure(tmp_path: Path) -> None:
    """The file that `write_mat` writes has the structure that published code relies on."""
    import scipy.io

    write_mat(tmp_path / "n.mat", small_network(), weights_first=True)
    layers = scipy.io.loadmat(tmp_path / "n.mat")["layers"][0]
    weights, _ = layers[0][0][0][0][0]
    assert weights.shape == (3, 3, 3, 4)
    assert layers[0][0][0].dtype.names[0] == "weights"


@pytest.mark.parametrize("python2", [True, False])
def test_tar_file_is_read_like_by_torch(python2: bool, tmp_path: Path) -> None:
    """The file that `write_torch_tar` writes is valid: torch's unrestricted loader reads the same values."""
    import torch

    write_torch_tar(tmp_path / "n", state_dict(small_network()), python2=python2)
    theirs = torch.load(tmp_path / "n", weights_only=False, encoding="latin1")
    ours = read_network(tmp_path / "n", "rgb").convolutions
    np.testing.assert_array_equal(ours["conv4_2"].weight, theirs["features.21.weight"].numpy())
    np.testing.assert_array_equal(ours["conv5_1"].bias, theirs["features.28.bias"].numpy())


@pytest.mark.parametrize("depth", ["conv1_1", "conv2_2", "conv5_4"])
def test_any_depth_from_conv1_1_on(depth: str, tmp_path: Path) -> None:
    write_h5(tmp_path / "n", small_network(depth))
    assert next(reversed(read_network(tmp_path / "n").convolutions)) == depth


def test_half_precision_is_widened(tmp_path: Path) -> None:
    halves = {name: (k.astype(np.float16), b.astype(np.float16)) for name, (k, b) in small_network().items()}
    write_gramarye(tmp_path / "n", halves)
    network = read_network(tmp_path / "n")
    assert {each.weight.dtype for each in network.convolutions.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(network.convolutions["conv3_1"].weight, halves["conv3_1"][0].astype(np.float32))


def test_checkpoint_with_its_state_dict_inside(tmp_path: Path) -> None:
    import torch

    tensors = {key: torch.from_numpy(value) for key, value in state_dict(small_network()).items()}
    torch.save({"epoch": 3, "state_dict": tensors}, tmp_path / "n")
    assert len(read_network(tmp_path / "n").convolutions) == 13


@pytest.mark.parametrize(
    ("scale", "lineage"), [(0.02, "weak"), (1.0, "torchvision")], ids=["made for 0..255", "made for 0..1"]
)
def test_unlabelled_state_dict_says_what_was_assumed(scale: float, lineage: str, tmp_path: Path) -> None:
    network = small_network()
    kernel, bias = network["conv1_1"]
    network["conv1_1"] = (kernel * np.float32(scale), bias)
    write_pth(tmp_path / "n", state_dict(network))
    said = read_network(tmp_path / "n").lineage
    assert said.startswith("unknown; read as ")
    assert lineage in said
