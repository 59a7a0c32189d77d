"""The project's own manifest."""

from __future__ import annotations

import re

import pytest

from gramarye.errors import WeightsError
from gramarye.weights.digests import Digests
from gramarye.weights.download import check_address
from gramarye.weights.infer_convention import INPUT_CONVENTIONS
from gramarye.weights.manifest import find_by_digests, manifest, published_network, recommended_network


def test_the_published_networks_best_first() -> None:
    assert [network.name for network in manifest()] == [
        "vgg19-keras",
        "vgg19-caffe",
        "vgg19-mat",
        "vgg19-torchvision",
        "vgg19-8bit",
    ]
    assert recommended_network().name == "vgg19-keras"


def test_every_entry_can_be_fetched_checked_and_read() -> None:
    for network in manifest():
        assert network.input in INPUT_CONVENTIONS
        assert all((network.title, network.lineage, network.licence, network.note))
        assert bool(network.releases) != bool(network.package)
        for release in network.releases:
            assert release.urls
            for url in release.urls:
                check_address(url, loopback=False)
            assert re.fullmatch(r"([0-9a-f]{32})?", release.md5)
            assert re.fullmatch(r"([0-9a-f]{64})?", release.sha256)
            assert release.md5 or release.sha256 or re.fullmatch(r"[0-9a-f]{8}", release.sha256_prefix)


@pytest.mark.parametrize(
    ("md5", "sha256", "name"),
    [
        ("106118b7cf60435e6d8e04f6a6dc3657", "0" * 64, "vgg19-mat"),
        ("253f8cb515780f3b799900260a226db6", "0" * 64, "vgg19-keras"),
        ("0" * 32, "d01eb7cb" + "0" * 56, "vgg19-caffe"),
        ("0" * 32, "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44", "vgg19-torchvision"),
        ("0" * 32, "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6", "vgg19-8bit"),
    ],
)
def test_files_are_known_by_checksum(md5: str, sha256: str, name: str) -> None:
    found = find_by_digests(Digests(md5, sha256))
    assert found is not None
    assert found.name == name


def test_unknown_checksum_and_name() -> None:
    assert find_by_digests(Digests("0" * 32, "0" * 64)) is None
    with pytest.raises(WeightsError, match="nonesuch"):
        published_network("nonesuch")
