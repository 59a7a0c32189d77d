"""Reads NumPy archives. Sizes are checked before anything is unpacked; objects are never unpickled."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from ...errors import WeightsError
from ..layout import Array, malformed
from .state_dict import LazyArrays

MAX_UNPACKED = 1 << 30
"""Largest unpacked size of a file in bytes. VGG19 with its classifier is 575 MB."""


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip archive that unpacks, by its index, to at most MAX_UNPACKED bytes.

    Errors: ``weights-truncated`` (no index, which is at the end of a zip file), ``weights-unsafe``.
    """
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise WeightsError(
            "weights-truncated", f"{path.name} is a zip archive that ends too early.", "Download or copy it again."
        ) from error
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MAX_UNPACKED:
        archive.close()
        raise WeightsError(
            "weights-unsafe",
            f"{path.name} would unpack to {unpacked / 1e9:.1f} GB; VGG19 is 0.6 GB at most.",
            "Do not trust this file; gramarye weights fetch downloads a good one.",
        )
    return archive


def read_arrays(path: Path) -> LazyArrays:
    """Return the arrays of an npz archive, read lazily. Errors: those of `open_zip`, ``weights-malformed``."""
    with open_zip(path) as archive:
        members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
        shapes = {member.filename.removesuffix(".npy"): _shape(archive, member) for member in members}

    def get(key: str) -> Array:
        with np.load(path, allow_pickle=False) as arrays:
            values: Array = arrays[key]
        return values

    return LazyArrays(shapes, get)


def _shape(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, ...]:
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise malformed(f"{member.filename} is in npy format {version}; 1.0 or 2.0 is needed.")
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read_header(file)
        size = member.file_size - file.tell()
    if dtype.hasobject:
        raise WeightsError(
            "weights-unsafe",
            f"{member.filename} holds pickled Python objects, which could run code.",
            "Save plain arrays with numpy.savez.",
        )
    if min(shape, default=0) < 0 or size != dtype.itemsize * math.prod(shape):
        raise malformed(f"{member.filename} claims shape {shape} of {dtype}, but has {size} bytes.")
    return tuple(int(side) for side in shape)
