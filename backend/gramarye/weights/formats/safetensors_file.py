"""Reads safetensors files: Gramarye's own, and others that hold VGG19's arrays under known names.

Format: header length (8 bytes, little-endian), JSON header, then the bytes of the arrays
(https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import json
import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open

from ...errors import WeightsError
from ..layout import malformed
from .state_dict import LazyArrays

_MAX_HEADER = 4 << 20
_FLOATS = {"F16": 2, "F32": 4, "F64": 8}
"""Floating-point types that NumPy supports, with their sizes in bytes."""


@dataclass(frozen=True)
class Header:
    """Shapes by key, and the file's metadata."""

    shapes: dict[str, tuple[int, ...]]
    metadata: dict[str, str]


def is_safetensors(start: bytes) -> bool:
    """Whether ``start`` is the beginning of a safetensors file: a plausible header length, then JSON."""
    return len(start) > 8 and start[8:9] == b"{" and 2 <= struct.unpack("<Q", start[:8])[0] <= _MAX_HEADER


def header_of(path: Path) -> Header:
    """Read the header and check it against the file's size, before arrays are allocated.

    Errors: ``weights-truncated``, ``weights-malformed``, ``weights-unreadable``.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else _MAX_HEADER + 1
            text = file.read(length) if length <= _MAX_HEADER else b""
            data = os.fstat(file.fileno()).st_size - 8 - length
    except OSError as error:
        raise WeightsError("weights-unreadable", f"{path} cannot be read: {error.strerror}.") from error
    if length > _MAX_HEADER:
        raise malformed(f"{path.name} has a safetensors header of invalid length.")
    if data < 0:
        raise _truncated(path)
    try:
        entries = json.loads(text)
        metadata = entries.pop("__metadata__", {})
        shapes = {str(key): _shape(str(key), entry) for key, entry in entries.items()}
        end = max((int(entry["data_offsets"][1]) for entry in entries.values()), default=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise malformed(f"{path.name} has an invalid safetensors header.") from error
    if end > data:
        raise _truncated(path)
    if not isinstance(metadata, dict):
        raise malformed(f"{path.name} has safetensors metadata that is not a table.")
    return Header(shapes, {str(key): str(value) for key, value in metadata.items()})


def read_arrays(path: Path) -> LazyArrays:
    """Return the arrays of a safetensors file, read lazily. Errors: those of `header_of`."""
    shapes = header_of(path).shapes

    def get(key: str) -> Any:
        with safe_open(path, framework="numpy") as file:
            return file.get_tensor(key)

    return LazyArrays(shapes, get)


def _shape(key: str, entry: dict[str, Any]) -> tuple[int, ...]:
    shape = tuple(int(side) for side in entry["shape"])
    start, end = (int(offset) for offset in entry["data_offsets"])
    size = _FLOATS.get(entry["dtype"])
    if size is None:
        raise malformed(f"{key} is stored as {entry['dtype']}; save it as F32, F16 or F64.")
    if min(shape, default=0) < 0 or start < 0 or end - start != size * math.prod(shape):
        raise malformed(f"{key} claims shape {shape}, but has {end - start} bytes.")
    return shape


def _truncated(path: Path) -> WeightsError:
    return WeightsError(
        "weights-truncated", f"{path.name} ends too early: part of it is missing.", "Download or copy it again."
    )
