"""Reads PyTorch's first file format, a tar archive, such as vgg19-d01eb7cb.pth of January 2017.

torch's ``weights_only`` mode refuses this format, so it is read here, without torch. Members: ``storages`` (count; then
for each a pickled (key, location, type), an int64 length and the numbers; then views), ``tensors`` (count; then for
each a pickled (key, storage key, type), int32 rank, 4 unused bytes, int64 sizes, int64 strides, int64 offset) and
``pickle`` (the object, with tensors by key). Source: ``legacy_load`` in torch.serialization.

The unpickler accepts only ordered dictionaries, parameters, variables, and the names of storage and tensor types.
"""

from __future__ import annotations

import math
import pickle
import re
import struct
import tarfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..layout import Array, malformed
from .state_dict import LazyArrays
from .torch_file import check_pickle, truncated, unsafe_pickle

_TYPES = {"Half": "<f2", "Float": "<f4", "Double": "<f8"}
"""Storage types that can hold weights -> NumPy's dtypes."""

_TRUNCATION_ERRORS = (EOFError, struct.error, tarfile.TarError)


@dataclass(frozen=True)
class _ArraySpan:
    """Numbers in the file. ``shape`` is (length,) for a storage; ``kind`` is their dtype, empty if not a float."""

    position: int
    shape: tuple[int, ...]
    kind: str


class _Parameter:
    """An early Variable or Parameter, whose state begins with its tensor."""

    data: Any = None

    def __setstate__(self, state: Any) -> None:
        self.data = state[0] if isinstance(state, tuple) and state else None


def is_tar(start: bytes) -> bool:
    """Whether ``start`` is the beginning of a tar archive (POSIX.1-1988 ustar and later)."""
    return start[257:262] == b"ustar"


def read_arrays(path: Path) -> LazyArrays:
    """Return the tensors of a state dict, read lazily.

    Errors: ``weights-unsafe``, ``weights-truncated``, ``weights-malformed``.
    """
    try:
        with open(path, "rb") as file:
            tensors = _Reader(path, file).state_dict()
    except _TRUNCATION_ERRORS as error:
        raise truncated(path) from error
    except pickle.UnpicklingError as error:
        raise malformed(f"{path.name} is damaged: {error}.") from error

    def get(key: str) -> Array:
        numbers = tensors[key]
        if not numbers.kind:
            raise malformed(f"{key} does not hold floating-point numbers.")
        count = math.prod(numbers.shape)
        return np.fromfile(path, numbers.kind, count, offset=numbers.position).reshape(numbers.shape)

    return LazyArrays({key: numbers.shape for key, numbers in tensors.items()}, get)


class _Reader:
    """Reads the three members in order. ``_spans`` holds storages and tensors by key."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._size = path.stat().st_size
        with tarfile.open(fileobj=file, mode="r:") as archive:
            self._offsets = {member.name: member.offset_data for member in archive.getmembers() if member.isreg()}
        self._spans: dict[int, _ArraySpan] = {}

    def state_dict(self) -> dict[str, _ArraySpan]:
        """Return the tensors by name."""
        self._seek("storages")
        for _ in range(self._count()):
            self._storage()
        for target, root, offset, length in self._unpickle():
            whole = self._spans[root]
            self._spans[target] = self._part(whole, offset, (length,))
        self._seek("tensors")
        for _ in range(self._count()):
            self._tensor()
        self._seek("pickle")
        loaded = self._unpickle(lambda key: self._spans[int(key)])
        if not isinstance(loaded, dict):
            raise malformed(f"It holds a {type(loaded).__name__} instead of a state dict.")
        values = {str(key): getattr(value, "data", value) for key, value in loaded.items()}
        return {key: value for key, value in values.items() if isinstance(value, _ArraySpan)}

    def _storage(self) -> None:
        key, _, kind = self._unpickle()
        (length,) = struct.unpack("<q", self._file.read(8))
        start = self._file.tell()
        if length < 0 or (end := start + length * _size(kind)) > self._size:
            raise truncated(self._path)
        self._spans[key] = _ArraySpan(start, (length,), _TYPES.get(kind, ""))
        self._file.seek(end)

    def _tensor(self) -> None:
        key, storage, _ = self._unpickle()
        (rank,) = struct.unpack("<i4x", self._file.read(8))
        if not 0 <= rank <= 8:
            raise malformed(f"{self._path.name} has a tensor of {rank} dimensions.")
        numbers = struct.unpack(f"<{2 * rank + 1}q", self._file.read(8 * (2 * rank + 1)))
        shape, strides, offset = numbers[:rank], numbers[rank:-1], numbers[-1]
        if strides != tuple(math.prod(shape[axis + 1 :]) for axis in range(rank)):
            raise malformed(f"{self._path.name} has a tensor that is not contiguous.")
        self._spans[key] = self._part(self._spans[storage], offset, shape)

    def _part(self, whole: _ArraySpan, offset: int, shape: tuple[int, ...]) -> _ArraySpan:
        if min((offset, *shape)) < 0 or offset + math.prod(shape) > whole.shape[0]:
            raise malformed(f"{self._path.name} has a tensor that extends beyond its storage.")
        position = whole.position + offset * (np.dtype(whole.kind).itemsize if whole.kind else 0)
        return _ArraySpan(position, shape, whole.kind)

    def _count(self) -> int:
        count = self._unpickle()
        if not isinstance(count, int) or not 0 <= count <= 10_000:
            raise malformed(f"{self._path.name} claims {count} arrays.")
        return count

    def _seek(self, member: str) -> None:
        if member not in self._offsets:
            raise malformed(f"{self._path.name} is a tar archive without PyTorch's {member}.")
        self._file.seek(self._offsets[member])

    def _unpickle(self, by_key: Callable[[Any], _ArraySpan] | None = None) -> Any:
        start = self._file.tell()
        check_pickle(self._path, self._file)
        self._file.seek(start)
        return _Unpickler(self._path.name, self._file, by_key).load()


class _Unpickler(pickle.Unpickler):
    """Creates dictionaries, tuples, strings and numbers only; types become their names, tensors `_ArraySpan`."""

    def __init__(self, name: str, file: BinaryIO, by_key: Callable[[Any], _ArraySpan] | None) -> None:
        super().__init__(file, encoding="latin1")  # Python 2 wrote strings as bytes
        self._name = name
        self._by_key = by_key

    def find_class(self, module: str, name: str) -> Any:
        """Return the class for an allowed name. Errors: ``weights-unsafe`` for all others."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) in (("torch.nn.parameter", "Parameter"), ("torch.autograd.variable", "Variable")):
            return _Parameter
        kind = re.fullmatch(r"([A-Z][a-z]+)(?:Storage|Tensor)", name)
        if module in ("torch", "torch.cuda") and kind:
            return kind[1]
        raise unsafe_pickle(self._name)

    def persistent_load(self, pid: Any) -> _ArraySpan:
        """Return the tensor of that key."""
        if self._by_key is None:
            raise malformed(f"{self._name} refers to tensors where it should not.")
        return self._by_key(pid)


def _size(kind: Any) -> int:
    """Return the bytes per number of a storage type."""
    sizes = {"Half": 2, "Float": 4, "Double": 8, "Byte": 1, "Char": 1, "Short": 2, "Int": 4, "Long": 8}
    if kind not in sizes:
        raise malformed(f"It holds numbers of an unknown type, {kind!r}.")
    return sizes[kind]
