"""Reads MatConvNet's VGG19: a MATLAB 5 file whose variable ``layers`` is a row of structs.

Kernels are (width, height, in, out). Releases of the file differ in the order of a struct's fields, so fields are
accessed by name. The mean of the training pictures is in ``meta.normalization`` or ``normalization``.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import scipy.io

from ...engine.vgg.layers import CONVOLUTIONS
from ...errors import WeightsError
from ..convention import OXFORD_MEAN, Triple
from ..layout import Array, Convolution, check_shapes, malformed
from .npz_file import MAX_UNPACKED

HEADER_SIZE = 128
_COMPRESSED = 15
"""miCOMPRESSED, MAT-File Format (MathWorks), table 1-1."""

_CHUNK = 1 << 16


def is_mat(start: bytes) -> bool:
    """Whether ``start`` is the beginning of a MATLAB 5 file: version and byte order are at the end of its header."""
    return start[124:HEADER_SIZE] in (b"\x00\x01IM", b"\x01\x00MI")


def read_convolutions(path: Path) -> tuple[dict[str, Convolution], Triple]:
    """Read the convolutions, with kernels (out, in, 3, 3), and the mean RGB subtracted from the input.

    Errors: ``weights-truncated``, ``weights-unsafe``, ``weights-malformed``.
    """
    _check_elements(path)
    file = scipy.io.loadmat(path, variable_names=["layers", "meta", "normalization"])
    if "layers" not in file:
        raise malformed("This MATLAB file has no variable called layers; MatConvNet's simple networks have one.")
    records = [record for cell in np.ravel(file["layers"]) if (record := _record(cell)) is not None]
    pairs = {name: _weights(record, name) for record in records if (name := _name(record)) in CONVOLUTIONS}
    check_shapes({name: (_transposed_shape(kernel.shape), bias.shape) for name, (kernel, bias) in pairs.items()})
    layers = {name: Convolution(_kernel(kernel), bias) for name, (kernel, bias) in pairs.items()}
    return layers, _mean(file)


def _record(cell: Any) -> np.void | None:
    values = np.ravel(cell)
    return values[0] if values.size == 1 and isinstance(values[0], np.void) and values.dtype.names else None


def _field(record: np.void, name: str) -> Any:
    """Return the field's value; None if the record has no such field."""
    return record[name] if record.dtype.names and name in record.dtype.names else None


def _name(record: np.void) -> str:
    name = _field(record, "name")
    return "" if name is None else "".join(str(part) for part in np.ravel(name))


def _weights(record: np.void, name: str) -> tuple[Array, Array]:
    """Return kernel (width, height, in, out) and bias from ``weights``; early files have ``filters`` and ``biases``."""
    weights = _field(record, "weights")
    parts = [_field(record, "filters"), _field(record, "biases")] if weights is None else list(np.ravel(weights))
    if len(parts) < 2 or not all(isinstance(part, np.ndarray) for part in parts[:2]):
        raise malformed(f"{name} should have a kernel and a bias in its field weights.")
    kernel, bias = parts[:2]
    if kernel.ndim != 4:
        raise malformed(f"{name} has a kernel of shape {kernel.shape}; (width, height, in, out) is needed.")
    return kernel, bias.reshape(-1)


def _transposed_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[3], shape[2], shape[1], shape[0])


def _kernel(stored: Array) -> Array:
    """Transpose (width, height, in, out) to (out, in, height, width)."""
    transposed: Array = stored.transpose(1, 0, 2, 3).transpose(3, 2, 0, 1)
    return transposed


def _mean(file: dict[str, Any]) -> Triple:
    """Return the mean colour of the file's ``averageImage`` (one colour or a picture); Oxford's mean if absent."""
    holder = _record(file["meta"]) if "meta" in file else None
    normalization = file.get("normalization") if holder is None else _field(holder, "normalization")
    record = None if normalization is None else _record(normalization)
    image = None if record is None else _field(record, "averageImage")
    if image is None:
        return OXFORD_MEAN
    average = np.asarray(image)
    if average.dtype.kind not in "fu" or average.size % 3 or not average.size:
        raise malformed(f"Its averageImage has shape {average.shape}; three channels are needed.")
    colour = average.reshape(-1) if average.size == 3 else average.reshape(-1, 3).mean(axis=0, dtype=np.float64)
    red, green, blue = (float(value) for value in colour)
    if not all(0 <= value <= 255 for value in (red, green, blue)):
        raise malformed(f"Its averageImage is {red, green, blue}, outside 0..255.")
    return red, green, blue


def _check_elements(path: Path) -> None:
    """Check that the top-level elements are complete and unpack to at most MAX_UNPACKED bytes in total."""
    size = path.stat().st_size
    total = 0
    with open(path, "rb") as file:
        tag_format = "<II" if file.read(HEADER_SIZE)[126:] == b"IM" else ">II"
        while tag := file.read(8):
            if len(tag) < 8:
                raise _truncated(path)
            kind, length = struct.unpack(tag_format, tag)
            end = file.tell() + length
            if end > size:
                raise _truncated(path)
            total += _unpacked_size(path, file, length, MAX_UNPACKED - total) if kind == _COMPRESSED else length
            file.seek(end)


def _unpacked_size(path: Path, file: BinaryIO, length: int, limit: int) -> int:
    """Return the unpacked size of a compressed element of ``length`` bytes; the bytes are discarded."""
    unpacker = zlib.decompressobj()
    total = 0
    while length and not unpacker.eof:
        packed = file.read(min(length, _CHUNK))
        length -= len(packed)
        while packed and not unpacker.eof:
            try:
                total += len(unpacker.decompress(packed, _CHUNK))
            except zlib.error as error:
                raise malformed(f"{path.name} is damaged: {error}.") from error
            packed = unpacker.unconsumed_tail
            if total > limit:
                raise WeightsError(
                    "weights-unsafe",
                    f"{path.name} would unpack to more than {MAX_UNPACKED / 1e9:.1f} GB; VGG19 is 0.6 GB at most.",
                    "Do not trust this file; gramarye weights fetch downloads a good one.",
                )
    if not unpacker.eof:
        raise malformed(f"{path.name} is damaged: a compressed part has no end.")
    return total


def _truncated(path: Path) -> WeightsError:
    return WeightsError(
        "weights-truncated", f"{path.name} ends too early: part of it is missing.", "Download or copy it again."
    )
