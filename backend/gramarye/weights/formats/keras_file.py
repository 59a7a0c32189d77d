"""Reads Keras' VGG19 in HDF5: layers ``block1_conv1`` and so on, kernels (height, width, in, out).

There are two layouts: ``block1_conv1/block1_conv1_W_1:0`` (the published file, Keras 1 names) and
``block1_conv1/block1_conv1/kernel:0`` (Keras 2), both either at the root or under ``model_weights``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from ...engine.vgg.layers import CONVOLUTIONS
from ...errors import WeightsError
from ..layout import Array, Convolution, check_shapes, malformed

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"

_MAX_NESTING = 4


def read_convolutions(path: Path) -> dict[str, Convolution]:
    """Read the convolutions, with kernels (out, in, 3, 3) for Keras' BGR input.

    Errors: ``weights-truncated``, ``weights-malformed``, ``weights-unsafe`` (links to other files).
    """
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        if "truncated" in str(error):
            raise WeightsError(
                "weights-truncated", f"{path.name} ends too early: {error}.", "Download or copy it again."
            ) from error
        raise malformed(f"{path.name} is a damaged HDF5 file: {error}.") from error
    with file:
        root = file["model_weights"] if "model_weights" in file and _is_inside(file, "model_weights") else file
        layers = {name: _kernel_and_bias(root, name) for name in CONVOLUTIONS if _keras_name(name) in root}
        _require_layers(layers, root)
        check_shapes({name: (_transposed_shape(kernel.shape), bias.shape) for name, (kernel, bias) in layers.items()})
        return {name: Convolution(_kernel(kernel), np.asarray(bias)) for name, (kernel, bias) in layers.items()}


def _kernel_and_bias(root: h5py.Group, name: str) -> tuple[h5py.Dataset, h5py.Dataset]:
    """Return kernel and bias of one layer: the only datasets of its group, distinguished by rank."""
    label = _keras_name(name)
    _is_inside(root, label)
    datasets = list(_datasets(root[label], 0)) if isinstance(root[label], h5py.Group) else []
    kernels = [dataset for dataset in datasets if len(dataset.shape) == 4]
    biases = [dataset for dataset in datasets if len(dataset.shape) == 1]
    if len(kernels) != 1 or len(biases) != 1:
        raise malformed(f"{label} should hold one kernel and one bias; it holds {len(datasets)} arrays.")
    kernel = kernels[0]
    if kernel.shape[:2] != (3, 3) and kernel.shape[2:] == (3, 3):
        raise malformed(
            f"{label} has kernels of shape {kernel.shape}: this is the Theano ordering (th_dim_ordering) of Keras 1; "
            "use the file named tf_dim_ordering_tf_kernels."
        )
    return kernel, biases[0]


def _datasets(group: h5py.Group, depth: int) -> Iterator[h5py.Dataset]:
    for key in group:
        _is_inside(group, key)
        item = group[key]
        if isinstance(item, h5py.Dataset):
            if item.external or item.is_virtual:
                raise _external_link_error(f"{group.name}/{key}")
            yield item
        elif isinstance(item, h5py.Group) and depth < _MAX_NESTING:
            yield from _datasets(item, depth + 1)


def _is_inside(group: h5py.Group, key: str) -> bool:
    """Return True. Errors: ``weights-unsafe`` if the key links to another file."""
    if isinstance(group.get(key, getlink=True), h5py.ExternalLink):
        raise _external_link_error(f"{group.name}/{key}")
    return True


def _external_link_error(key: str) -> WeightsError:
    return WeightsError(
        "weights-unsafe",
        f"{key} is a link to another file on this machine, which was not read.",
        "Do not trust this file; gramarye weights fetch downloads a good one.",
    )


def _require_layers(layers: dict[str, tuple[h5py.Dataset, h5py.Dataset]], root: h5py.Group) -> None:
    if layers:
        return
    some = ", ".join(list(root)[:4]) or "nothing"
    hint = "Of Keras' files, Gramarye reads vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5."
    raise WeightsError("weights-malformed", f"This HDF5 file holds no layers of Keras' VGG19; it holds {some}.", hint)


def _transposed_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[3], shape[2], shape[0], shape[1])


def _kernel(dataset: h5py.Dataset) -> Array:
    transposed: Array = np.asarray(dataset).transpose(3, 2, 0, 1)
    return transposed


def _keras_name(name: str) -> str:
    """``conv1_2`` -> ``block1_conv2``."""
    return f"block{name[4]}_conv{name[6]}"
