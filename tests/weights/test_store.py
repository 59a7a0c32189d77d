"""Installed networks, lookup by name, and atomic storage."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from gramarye.errors import WeightsError
from gramarye.weights.importing import import_file, import_network, resolve
from gramarye.weights.store import find_network, installed_networks, load, scan_networks
from support.homes import REPOSITORY
from support.weight_files import as_bgr, paper_names, small_network, write_gramarye, write_h5, write_npz

pytestmark = pytest.mark.usefixtures("data")


def code_of(name: str | None) -> str:
    """Return the error code of resolving ``name``."""
    with pytest.raises(WeightsError) as caught:
        resolve(name)
    assert caught.value.hint
    return caught.value.code


def test_nothing_installed() -> None:
    assert installed_networks() == []
    assert code_of(None) == "no-network"
    assert code_of("nonesuch") == "unknown-network"
    with pytest.raises(WeightsError, match="small is not installed"):
        resolve("small")


def test_import_describes_and_stores_canonically(tmp_path: Path, cache: Path) -> None:
    write_npz(tmp_path / "My Net.npz", small_network())
    info = import_file(tmp_path / "My Net.npz")
    assert (info.name, info.path) == ("my-net", cache / "my-net.safetensors")
    assert info.description == "13 convolutions through conv5_1, widths 4/6/8/8/8"
    assert info.source_name == "My Net.npz"
    with safe_open(info.path, framework="numpy") as file:
        metadata = file.metadata()
        assert file.get_tensor("conv1_1.weight").dtype == np.float32
    assert metadata["format"] == "gramarye-network-1"
    assert {"name", "lineage", "mean", "source_sha256", "source_name", "sha256"} <= set(metadata)
    assert resolve("my-net") == info
    assert resolve(None) == info


def test_load_gives_what_was_imported(tmp_path: Path) -> None:
    network = small_network()
    write_npz(tmp_path / "n.npz", network)
    arrays = load(import_file(tmp_path / "n.npz"))
    assert list(arrays)[:2] == ["conv1_1.weight", "conv1_1.bias"]
    np.testing.assert_array_equal(arrays["conv1_1.weight"], network["conv1_1"][0])
    np.testing.assert_array_equal(arrays["conv5_1.bias"], network["conv5_1"][1])


def test_same_content_again_changes_nothing(tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", small_network())
    first = import_network(tmp_path / "a.npz")
    written = first.info.path.stat().st_mtime_ns
    (tmp_path / "a.npz").rename(tmp_path / "b.npz")
    again = import_network(tmp_path / "b.npz")
    assert (first.was_installed, again.was_installed) == (False, True)
    assert again.info == first.info
    assert first.info.path.stat().st_mtime_ns == written


def test_published_file_gets_its_name_and_lineage(tmp_path: Path, published: bytes) -> None:
    (tmp_path / "download (1).bin").write_bytes(published)
    info = import_file(tmp_path / "download (1).bin")
    assert (info.name, info.lineage) == ("small", "Oxford")


def test_order_of_preference(tmp_path: Path, data: Path, published: bytes) -> None:
    (data / "draft").mkdir()
    write_gramarye(data / "draft" / "draft.safetensors", small_network(seed=1))
    write_npz(tmp_path / "shallow.npz", small_network("conv4_4", seed=2))
    import_file(tmp_path / "shallow.npz")
    assert resolve(None).name == "draft"
    write_npz(tmp_path / "other.npz", small_network("conv5_4", seed=4))
    import_file(tmp_path / "other.npz")
    assert resolve(None).name == "other"
    (tmp_path / "p").write_bytes(published)
    import_file(tmp_path / "p")
    assert resolve(None).name == "small"
    assert [info.name for info in installed_networks()] == ["small", "other", "draft", "shallow"]


def test_shallow_network_is_never_the_default(tmp_path: Path) -> None:
    write_npz(tmp_path / "shallow.npz", small_network("conv4_4"))
    import_file(tmp_path / "shallow.npz")
    assert code_of(None) == "no-network"
    assert resolve("shallow").depth == "conv4_4"


def test_draft_without_checksum_and_in_half_precision_loads(data: Path) -> None:
    (data / "draft").mkdir()
    halves = {name: (k.astype(np.float16), b.astype(np.float16)) for name, (k, b) in small_network().items()}
    write_gramarye(data / "draft" / "draft.safetensors", halves)
    info = resolve("draft")
    assert info.sha256 == ""
    assert load(info)["conv5_1.weight"].dtype == np.float32


def test_resolving_a_path_imports_it_and_a_daemon_never_does(tmp_path: Path) -> None:
    write_npz(tmp_path / "n.npz", small_network())
    for text in (str(tmp_path / "n.npz"), "../n.npz", "/etc/passwd"):
        with pytest.raises(WeightsError, match="No network is called"):
            find_network(text)
    assert resolve(str(tmp_path / "n.npz")).name == "n"
    assert find_network("n").name == find_network().name == "n"


def test_names(tmp_path: Path) -> None:
    write_npz(tmp_path / "small.npz", small_network(seed=6))
    write_npz(tmp_path / "x.npz", small_network(seed=7))
    assert import_file(tmp_path / "small.npz").name.startswith("small-")  # names of published networks are reserved
    assert import_file(tmp_path / "x.npz", name="mine").name == "mine"
    for name, code in (
        ("mine", "name-taken"),
        ("small", "name-taken"),
        ("draft", "name-taken"),
        ("../x", "weights-name"),
    ):
        with pytest.raises(WeightsError) as caught:
            import_file(tmp_path / "small.npz", name=name)
        assert caught.value.code == code


def test_the_users_input_convention_overrides(tmp_path: Path) -> None:
    network = small_network()
    write_npz(tmp_path / "n.npz", network)
    import_file(tmp_path / "n.npz")
    again = import_network(tmp_path / "n.npz", expected_input="rgb")
    assert not again.was_installed
    np.testing.assert_array_equal(load(again.info)["conv1_1.weight"], as_bgr(network)["conv1_1"][0])


def test_damage_at_rest_is_found(tmp_path: Path) -> None:
    write_npz(tmp_path / "n.npz", small_network())
    info = import_file(tmp_path / "n.npz")
    content = bytearray(info.path.read_bytes())
    content[-3] ^= 1
    info.path.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        load(info)
    assert caught.value.code == "weights-checksum"
    info.path.write_bytes(content[:-100])
    usable, damaged = scan_networks()
    assert (usable, [broken.name for broken in damaged]) == ([], ["n"])
    assert code_of("n") == "weights-truncated"
    assert import_file(tmp_path / "n.npz") == info  # importing again repairs it
    assert load(info)


def test_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_npz(tmp_path / "n.npz", small_network())
    (tmp_path / "occupied").touch()
    monkeypatch.setenv("GRAMARYE_CACHE_DIR", str(tmp_path / "occupied"))
    with pytest.raises(WeightsError) as caught:
        import_file(tmp_path / "n.npz")
    assert caught.value.code == "weights-unwritable"


_HANG_BEFORE_THE_END = """
import os, sys, time
def hang(handle):
    print("written", flush=True)
    time.sleep(600)
os.fsync = hang
from gramarye.weights.importing import import_file
import_file(sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_writer_leaves_no_partial_network(tmp_path: Path, cache: Path) -> None:
    write_h5(tmp_path / "n.h5", small_network())
    path = os.pathsep.join([str(REPOSITORY / "backend"), str(REPOSITORY / "protocol")])
    command = [sys.executable, "-c", _HANG_BEFORE_THE_END, str(tmp_path / "n.h5")]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.send_signal(signal.SIGKILL)
    (left,) = cache.iterdir()
    assert left.name.startswith(".")
    assert scan_networks() == ([], [])
    an_hour_ago = time.time() - 3700
    os.utime(left, (an_hour_ago, an_hour_ago))
    info = import_file(tmp_path / "n.h5")
    assert list(cache.iterdir()) == [info.path]


def test_torch_is_not_imported_for_looking_and_loading(tmp_path: Path) -> None:
    write_h5(tmp_path / "n.h5", small_network())
    script = (
        "import sys; from gramarye.weights.store import *; find_network; installed_networks();"
        "assert not {'torch', 'scipy', 'h5py'} & set(sys.modules);"
        "from gramarye.weights.importing import import_file;"
        f"load(import_file({str(tmp_path / 'n.h5')!r})); import gramarye.cli.weights;"
        "assert 'torch' not in sys.modules"
    )
    path = os.pathsep.join([str(REPOSITORY / "backend"), str(REPOSITORY / "protocol")])
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": path}, check=True)


def test_readouts_survive_an_import_and_ill_fitting_ones_are_refused(tmp_path: Path) -> None:
    arrays = paper_names(small_network())
    metadata = {"format": "gramarye-network-1", "mean": "[1, 2, 3]"}
    matrix = np.random.default_rng(0).standard_normal((4, 4)).astype(np.float32)
    save_file({**arrays, "relu1_1.readout": matrix}, tmp_path / "good.safetensors", metadata)
    np.testing.assert_array_equal(load(import_file(tmp_path / "good.safetensors"))["relu1_1.readout"], matrix)
    save_file({**arrays, "relu1_1.readout": matrix[:3]}, tmp_path / "bad.safetensors", metadata)
    with pytest.raises(WeightsError, match=r"relu1_1\.readout has shape \(3, 4\); \(4, 4\) is needed"):
        import_file(tmp_path / "bad.safetensors")


def test_vgg19_means_the_best_published_network_that_is_installed(tmp_path: Path, cache: Path) -> None:
    write_npz(tmp_path / "other.npz", small_network())
    import_file(tmp_path / "other.npz")
    with pytest.raises(WeightsError, match=r"The full VGG19 is not installed\.") as caught:
        resolve("vgg19")
    assert "gramarye weights fetch" in caught.value.hint
    write_gramarye(cache / "small.safetensors", small_network())  # published in this test's manifest
    assert resolve("vgg19").name == "small"
    write_gramarye(cache / "vgg19.safetensors", small_network(seed=5))
    assert resolve("vgg19").path == cache / "vgg19.safetensors"
