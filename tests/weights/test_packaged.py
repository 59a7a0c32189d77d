"""A network that comes with the installation: found, checked, expanded once, and what happens where it is missing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from gramarye.errors import WeightsError
from gramarye.weights.importing import import_file
from gramarye.weights.manifest import manifest
from gramarye.weights.store import find_default, find_network, installed_networks, load, scan_networks
from support.weight_files import Kernels, small_network, write_gramarye, write_pth, write_value_tables

VGG19_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"


@dataclass(frozen=True)
class Package:
    """An installed distribution ``net-pack`` whose file ``file`` holds ``network``."""

    file: Path
    network: Kernels


@pytest.fixture
def package(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """A manifest of one network that comes in a package, and a draft."""
    site = tmp_path / "site"
    (site / "net_pack-2.0.dist-info").mkdir(parents=True)
    (site / "net_pack-2.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: net-pack\nVersion: 2.0\n")
    (site / "net_pack-2.0.dist-info" / "RECORD").write_text("net_pack/__init__.py,,\nnet_pack/q.bin,,\n")
    (site / "net_pack").mkdir()
    (site / "net_pack" / "__init__.py").write_text("raise RuntimeError('only the data file is used')\n")
    file = site / "net_pack" / "q.bin"
    network = write_value_tables(file, small_network("conv5_4"))
    content = file.read_bytes()
    (data / "manifest.toml").write_text(
        f"""
[[network]]
name = "packed"
title = "t"
lineage = "Oxford"
input = "caffe"
licence = "l"
note = "n"
[network.package]
name = "net-pack"
version = "2.0"
file = "net_pack/q.bin"
size = {len(content)}
sha256 = "{hashlib.sha256(content).hexdigest()}"
"""
    )
    manifest.cache_clear()
    (data / "draft").mkdir()
    write_gramarye(data / "draft" / "draft.safetensors", small_network(seed=1))
    monkeypatch.syspath_prepend(str(site))
    return Package(file, network)


def test_it_is_the_default_and_is_expanded_once(package: Package, cache: Path) -> None:
    default = find_default()
    assert (default.info.name, default.problem) == ("packed", None)
    assert not cache.exists()
    arrays = load(default.info)
    for name, (kernel, bias) in package.network.items():
        np.testing.assert_array_equal(arrays[f"{name}.weight"], kernel)
        np.testing.assert_array_equal(arrays[f"{name}.bias"], bias)
    package.file.unlink()  # from now on it is read from the cache
    again = find_network()
    assert again.path.parent == cache
    assert (again.name, again.source_sha256) == ("packed", default.info.source_sha256)
    np.testing.assert_array_equal(load(again)["conv3_1.weight"], arrays["conv3_1.weight"])
    assert [info.name for info in installed_networks()] == ["packed", "draft"]


def _damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-9] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda package: package.file.unlink(), "network-missing", "missing"),
        (lambda package: _damage(package.file), "network-replaced", "damaged"),
        (lambda package: package.file.write_bytes(b"other"), "network-replaced", "not the file of net-pack==2.0"),
        (
            lambda package: shutil.rmtree(package.file.parents[1] / "net_pack-2.0.dist-info"),
            "network-missing",
            "not installed",
        ),
    ],
    ids=["missing", "damaged", "replaced", "not installed"],
)
def test_the_draft_paints_if_it_cannot_be_used(
    package: Package, change: Callable[[Package], object], code: str, words: str
) -> None:
    change(package)
    default = find_default()
    assert default.info.name == "draft"
    assert default.problem is not None
    assert (default.problem.code, words in default.problem.message) == (code, True)
    assert "pip install --force-reinstall --no-deps net-pack==2.0" in default.problem.hint
    assert [broken.name for broken in scan_networks()[1]] == ["packed"]
    with pytest.raises(WeightsError) as caught:
        find_network("packed")
    assert caught.value.code == code


@pytest.mark.parametrize("part", ["header", "values"])
@pytest.mark.usefixtures("package")
def test_a_damaged_expansion_is_made_again(cache: Path, part: str) -> None:
    sound = load(find_network())
    file = cache / "packed.safetensors"
    content = bytearray(file.read_bytes())
    content[20 if part == "header" else -5] ^= 255
    file.write_bytes(content)
    arrays = load(find_network())
    assert all(np.array_equal(arrays[key], sound[key]) for key in sound)
    assert load(find_network()).keys() == sound.keys()
    assert scan_networks()[1] == []


def test_a_cache_that_cannot_be_written_does_not_stop_it(package: Package, cache: Path) -> None:
    cache.parent.parent.mkdir(exist_ok=True)
    cache.parent.write_text("a file where the folder should be")
    arrays = load(find_network())
    np.testing.assert_array_equal(arrays["conv1_1.weight"], package.network["conv1_1"][0])


def test_tables_of_another_shape_are_refused(tmp_path: Path) -> None:
    write_pth(
        tmp_path / "n.bin",
        {
            "block1_conv1_W_q": np.zeros((4, 3, 3, 3), np.uint8),
            "block1_conv1_W_table": np.zeros(16, np.float32),
            "block1_conv1_b": np.zeros(4, np.float32),
        },
    )
    with pytest.raises(WeightsError, match="256"):
        import_file(tmp_path / "n.bin")
    write_pth(tmp_path / "m.bin", {"block1_conv1_W_q": np.zeros((4, 3, 3, 3), np.uint8)})
    with pytest.raises(WeightsError, match="lacks block1_conv1_W_table and block1_conv1_b"):
        import_file(tmp_path / "m.bin")


def test_vgg19_comes_with_the_installation() -> None:
    default = find_default()
    assert (default.info.name, default.problem) == ("vgg19-8bit", None)
    assert default.info.source_sha256 == VGG19_SHA256
    assert default.info.description == "16 convolutions through conv5_4, widths 64/128/256/512/512"
    assert find_network("vgg19").name == "vgg19-8bit"
