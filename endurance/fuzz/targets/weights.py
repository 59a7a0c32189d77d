"""Weights files of every known format, from untrusted sources."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch  # noqa: F401  # imported here, so that the memory limit does not count it

from gramarye.errors import WeightsError
from gramarye.weights import cache
from gramarye.weights.digests import compute_digests
from gramarye.weights.read import read_network
from support import weight_files

from ..scratch_file import write_temporary_file
from ..target import MIB, Target

_NETWORK = weight_files.small_network("conv1_2")


def run(data: bytes) -> object:
    """Read a file as an import does, and as the scan of the cache does."""
    path = write_temporary_file(data)
    with suppress(WeightsError):
        cache.read(cache.read_header(path))
    compute_digests(path)
    return read_network(path)


def seeds() -> dict[str, bytes]:
    """Every format, through conv1_2."""
    named = weight_files.state_dict(_NETWORK)
    makers: dict[str, Callable[[Path], None]] = {
        "matconvnet": lambda path: weight_files.write_mat(path, _NETWORK, weights_first=True),
        "matconvnet-early": lambda path: weight_files.write_mat(
            path, _NETWORK, weights_first=False, normalization="root", early=True
        ),
        "keras": lambda path: weight_files.write_h5(path, _NETWORK),
        "keras-2": lambda path: weight_files.write_h5(path, _NETWORK, "nested"),
        "torch": lambda path: weight_files.write_pth(path, named),
        "torch-legacy": lambda path: weight_files.write_pth(path, named, zipped=False),
        "torch-tar": lambda path: weight_files.write_torch_tar(path, named),
        "numpy": lambda path: weight_files.write_npz(path, _NETWORK),
        "distilled": lambda path: weight_files.write_distilled(path, _NETWORK),
        "own": lambda path: weight_files.write_gramarye(path, _NETWORK),
        "safetensors": lambda path: weight_files.write_plain_safetensors(path, _NETWORK),
    }
    return {name: _write_and_read(maker) for name, maker in makers.items()}


def _write_and_read(maker: Callable[[Path], None]) -> bytes:
    path = write_temporary_file(b"", "seed.npz")  # NumPy would append its own suffix
    path.unlink()
    maker(path)
    return path.read_bytes()


TARGET = Target(
    "weights",
    run,
    (WeightsError,),
    seeds,
    max_length=32768,
    memory=2048 * MIB,
    dictionary=(
        "conv1_1.weight",
        "features.0.bias",
        "block1_conv1",
        "layers",
        "data.pkl",
        "storages",
        "F32",
        "__metadata__",
    ),
)
