"""Wrong, damaged and hostile files: each raises an error with a code, and none is executed."""

from __future__ import annotations

import os
import pickle
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from safetensors.numpy import save_file

from gramarye.errors import WeightsError
from gramarye.weights.formats.torch_file import LEGACY_MAGIC
from gramarye.weights.read import read_network
from support.weight_files import (
    as_normalised_rgb,
    paper_names,
    small_network,
    state_dict,
    write_gramarye,
    write_h5,
    write_mat,
    write_npz,
    write_pth,
    write_torch_tar,
)


def refusal(path: Path) -> WeightsError:
    """Return the error of reading ``path``, which must have a message and a hint."""
    with pytest.raises(WeightsError) as caught:
        read_network(path)
    assert caught.value.message.endswith((".", "loaded."))
    assert caught.value.hint
    return caught.value


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_pickled_code_in_a_pth_is_not_run(zipped: bool, tmp_path: Path) -> None:
    import torch

    trace = tmp_path / "trace"
    torch.save({"features.0.weight": torch.zeros(4, 3, 3, 3), "x": Bomb(trace)}, tmp_path / "n",
               _use_new_zipfile_serialization=zipped)  # fmt: skip
    assert refusal(tmp_path / "n").code == "weights-unsafe"
    assert not trace.exists()
    torch.load(tmp_path / "n", weights_only=False)  # the bomb works
    assert trace.exists()


def test_pickled_code_in_a_tar_is_not_run(tmp_path: Path) -> None:
    import torch

    trace = tmp_path / "trace"
    write_torch_tar(tmp_path / "n", state_dict(small_network()), python2=False, bomb=Bomb(trace))
    assert refusal(tmp_path / "n").code == "weights-unsafe"
    assert not trace.exists()
    torch.load(tmp_path / "n", weights_only=False)
    assert trace.exists()


def test_other_tar_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "n", "w") as archive:
        archive.add(__file__, "x.py")
    assert "without PyTorch's storages" in refusal(tmp_path / "n").message


def test_bare_pickle_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (tmp_path / "n").write_bytes(pickle.dumps(Bomb(trace)))
    assert refusal(tmp_path / "n").code == "weights-unsafe"
    assert not trace.exists()


def test_pickled_array_in_an_npz_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    arrays: dict[str, Any] = {"conv1_1.weight": np.array([Bomb(trace)], dtype=object)}
    np.savez(tmp_path / "n.npz", **arrays)
    assert refusal(tmp_path / "n.npz").code == "weights-unsafe"
    assert not trace.exists()


def test_torchscript_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "n", "w") as archive:
        archive.writestr("net/data.pkl", b"\x80\x02}.")
        archive.writestr("net/constants.pkl", b"\x80\x02).")
        archive.writestr("net/code/__torch__.py", "x")
    error = refusal(tmp_path / "n")
    assert (error.code, "TorchScript" in error.message) == ("weights-unsafe", True)


def test_h5_link_to_another_file_is_not_followed(tmp_path: Path) -> None:
    write_h5(tmp_path / "other.h5", small_network())
    with h5py.File(tmp_path / "n", "w") as file:
        file["block1_conv1"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "block1_conv1")
    assert refusal(tmp_path / "n").code == "weights-unsafe"


def test_h5_raw_bytes_of_another_file_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(4 * 3 * 3 * 3 * 4))
    with h5py.File(tmp_path / "n", "w") as file:
        external = [(str(tmp_path / "secret"), 0, h5py.h5f.UNLIMITED)]
        file.create_dataset("block1_conv1/k:0", (3, 3, 3, 4), np.float32, external=external)
        file["block1_conv1/b:0"] = np.zeros(4, np.float32)
    assert refusal(tmp_path / "n").code == "weights-unsafe"


def test_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "n", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conv1_1.weight.npy", bytes(1 << 20))
        archive.infolist()[0].file_size = 3 << 30  # stated in the index
    assert "unpack to 3.2 GB" in refusal(tmp_path / "n").message


def test_mat_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A part that unpacks to more than a gigabyte, made of one repeated block of zeros."""
    packer = zlib.compressobj()
    blocks = [packer.compress(bytes(1 << 22)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    packed = blocks[0] + 256 * blocks[1]
    write_mat(tmp_path / "n", small_network("conv1_1"), weights_first=True)
    with open(tmp_path / "n", "ab") as file:
        file.write(struct.pack("<II", 15, len(packed)) + packed)
    assert (tmp_path / "n").stat().st_size < 4 << 20
    assert refusal(tmp_path / "n").code == "weights-unsafe"


def test_npz_that_claims_more_than_it_has(tmp_path: Path) -> None:
    header = repr({"descr": "<f4", "fortran_order": False, "shape": (1 << 20, 1 << 20)}).encode().ljust(117) + b"\n"
    with zipfile.ZipFile(tmp_path / "n", "w") as archive:
        archive.writestr("conv1_1.weight.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    error = refusal(tmp_path / "n")
    assert (error.code, "1048576" in error.message) == ("weights-malformed", True)


def test_h5_that_claims_enormous_layers(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "n", "w") as file:
        file.create_dataset("block1_conv1/k:0", (3, 3, 3, 1 << 30), np.float32, chunks=(3, 3, 3, 1024))
        file.create_dataset("block1_conv1/b:0", (1 << 30,), np.float32, chunks=(1024,))
    assert "1073741824 channels" in refusal(tmp_path / "n").message


def test_safetensors_that_claims_more_than_it_has(tmp_path: Path) -> None:
    header = b'{"conv1_1.weight":{"dtype":"F32","shape":[1048576,1048576],"data_offsets":[0,64]}}'
    (tmp_path / "n").write_bytes(struct.pack("<Q", len(header)) + header + bytes(64))
    assert refusal(tmp_path / "n").code == "weights-malformed"


def test_pth_whose_tensor_repeats_one_value_a_trillion_times(tmp_path: Path) -> None:
    import torch

    arrays = {key: torch.from_numpy(value) for key, value in state_dict(small_network()).items()}
    arrays["features.0.weight"] = torch.zeros(1).expand(1 << 40).view(1 << 34, 64, 1, 1)
    torch.save(arrays, tmp_path / "n")
    assert refusal(tmp_path / "n").code == "weights-malformed"


def test_zip_whose_names_are_no_text(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "n", "w") as archive:
        archive.writestr("\u00fc.npy", b"x")
    (tmp_path / "n").write_bytes((tmp_path / "n").read_bytes().replace("\u00fc".encode(), b"\xfd\xfd"))
    assert refusal(tmp_path / "n").code == "weights-malformed"


PICKLES = {
    "text": b"\x80\x02\x8d" + struct.pack("<Q", 1 << 40),
    "short text": b"\x80\x02X" + struct.pack("<I", (1 << 31) - 1),
    "bytes": b"\x80\x05\x96" + struct.pack("<Q", 1 << 40),
    "frame": b"\x80\x04\x95" + struct.pack("<Q", 1 << 40) + b"N.",
    "memo": b"\x80\x02N" + b"r" + struct.pack("<I", (1 << 32) - 1) + b".",
}
"""Pickles that state more data than follows."""


@pytest.mark.parametrize("name", PICKLES)
@pytest.mark.parametrize("kind", ["legacy", "tar"])
def test_sizes_stated_by_a_pickle_are_not_allocated(name: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "n"
    if kind == "tar":
        write_torch_tar(path, state_dict(small_network("conv1_1")))
        with tarfile.open(path) as archive:
            start = archive.getmember("storages").offset_data
        whole = path.read_bytes()
        path.write_bytes(whole[:start] + PICKLES[name] + whole[start + len(PICKLES[name]) :])
    else:
        path.write_bytes(LEGACY_MAGIC + PICKLES[name])
    with pytest.raises(WeightsError) as caught:
        read_network(path)
    assert caught.value.code in ("weights-truncated", "weights-malformed")
    assert not isinstance(caught.value.__cause__, MemoryError)


WRITERS: dict[str, Callable[[Path], None]] = {
    "mat": lambda path: write_mat(path, small_network(), weights_first=True),
    "h5": lambda path: write_h5(path, small_network()),
    "pth": lambda path: write_pth(path, state_dict(small_network())),
    "legacy pth": lambda path: write_pth(path, state_dict(small_network()), zipped=False),
    "tar pth": lambda path: write_torch_tar(path, state_dict(small_network())),
    "npz": lambda path: write_npz(path, small_network()),
    "safetensors": lambda path: write_gramarye(path, small_network()),
}


@pytest.mark.parametrize("name", WRITERS)
def test_file_cut_short_anywhere(name: str, tmp_path: Path) -> None:
    """A file cut within its header may be unrecognised; otherwise it is reported as truncated or damaged."""
    path = tmp_path / "n.npz"
    WRITERS[name](path)
    whole = path.read_bytes()
    codes = []
    for length in (1, 9, 40, 130, 600, len(whole) // 3, len(whole) // 2, len(whole.rstrip(bytes(1))) - 9):
        path.write_bytes(whole[:length])
        codes.append(refusal(path).code)
    assert set(codes) <= {"weights-unrecognised", "weights-truncated", "weights-malformed"}
    assert codes[-3:] == ["weights-truncated"] * 3


@pytest.mark.parametrize("name", WRITERS)
def test_flipped_bytes_never_surprise(name: str, tmp_path: Path) -> None:
    """With any byte changed, reading returns a network or raises a WeightsError."""
    path = tmp_path / "n.npz"
    WRITERS[name](path)
    whole = path.read_bytes()
    generator = np.random.default_rng(5)
    for position in (*range(0, 64, 9), *generator.integers(0, len(whole), 24).tolist()):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        with suppress(WeightsError):
            read_network(path)


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"", "weights-truncated", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "weights-unrecognised", "web page"),
        (b"\xef\xbb\xbf\n  <html>", "weights-unrecognised", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "weights-unrecognised", "Git LFS"),
        (b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n", "weights-unrecognised", "MATLAB 7.3"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "weights-unrecognised", "not a weights file"),
        (b"hello", "weights-unrecognised", "not a weights file"),
        (bytes(1000), "weights-unrecognised", "not a weights file"),
    ],
)
def test_files_that_are_no_weights(content: bytes, code: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "vgg19.pth").write_bytes(content)
    error = refusal(tmp_path / "vgg19.pth")
    assert (error.code, word in error.message) == (code, True)


def test_folder_missing_file_and_pipe(tmp_path: Path) -> None:
    assert "folder" in refusal(tmp_path).message
    assert refusal(tmp_path / "none").code == "weights-unreadable"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "not a regular file" in refusal(tmp_path / "pipe").message


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_file_without_permission(tmp_path: Path) -> None:
    write_npz(tmp_path / "n.npz", small_network())
    (tmp_path / "n.npz").chmod(0)
    assert refusal(tmp_path / "n.npz").code == "weights-unreadable"


def _without(name: str) -> dict[str, Any]:
    return {key: values for key, values in paper_names(small_network()).items() if not key.startswith(name)}


def _changed(key: str, values: Any) -> dict[str, Any]:
    return {**paper_names(small_network()), key: values}


_NAN = np.full(8, np.nan, np.float32)


@pytest.mark.parametrize(
    ("arrays", "word"),
    [
        (_changed("conv3_2.bias", _NAN), "conv3_2.bias holds values that are not finite"),
        (_changed("conv2_1.bias", np.full(6, 1e300)), "conv2_1.bias holds values that are not finite"),
        (_changed("conv3_2.bias", np.zeros(8, np.int32)), "int32"),
        (_changed("conv3_2.bias", np.zeros(7, np.float32)), "conv3_2 has biases of shape (7,)"),
        (_changed("conv2_1.weight", np.zeros((6, 5, 3, 3), np.float32)), "takes 5 channels, but its input has 4"),
        (_changed("conv2_1.weight", np.zeros((6, 4, 5, 5), np.float32)), "(6, 4, 5, 5)"),
        (_changed("conv2_1.weight", np.zeros((0, 4, 3, 3), np.float32)), "0 channels"),
        (_without("conv3_3"), "lacks conv3_3, but holds conv5_1"),
        (_without("conv1_1"), "lacks conv1_1"),
        (_without("conv2_2.bias"), "lacks conv2_2.bias"),
        ({"dense.weight": np.zeros((3, 3), np.float32)}, "dense.weight"),
    ],
)
def test_arrays_that_are_no_vgg19(arrays: dict[str, Any], word: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "n.npz", **arrays)
    error = refusal(tmp_path / "n.npz")
    assert error.code == "weights-malformed"
    assert word in error.message


def test_vgg16_is_recognised(tmp_path: Path) -> None:
    positions = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
    arrays = {f"features.{n}.weight": np.zeros((4, 4, 3, 3), np.float32) for n in positions}
    write_pth(tmp_path / "n", arrays)
    assert "VGG16" in refusal(tmp_path / "n").message


def test_theano_ordering_is_recognised(tmp_path: Path) -> None:
    write_h5(tmp_path / "n", small_network(), layout="theano")
    assert "Theano" in refusal(tmp_path / "n").message


def test_integer_tensors_and_other_dtypes_are_refused(tmp_path: Path) -> None:
    import torch

    arrays = {key: torch.from_numpy(value).to(torch.int8) for key, value in state_dict(small_network()).items()}
    torch.save(arrays, tmp_path / "n")
    assert "int8" in refusal(tmp_path / "n").message
    save_file({"conv1_1.weight": np.zeros((4, 3, 3, 3), np.int64)}, tmp_path / "s")
    assert "I64" in refusal(tmp_path / "s").message


def test_singular_preprocessing_is_refused(tmp_path: Path) -> None:
    network = paper_names(as_normalised_rgb(small_network()))
    arrays: dict[str, Any] = {key.replace("_", ""): values for key, values in network.items()}
    arrays |= {"conv0.weight": np.ones((3, 3, 1, 1), np.float32), "conv0.bias": np.ones(3, np.float32)}
    np.savez(tmp_path / "n.npz", **arrays)
    assert "invertible" in refusal(tmp_path / "n.npz").message
