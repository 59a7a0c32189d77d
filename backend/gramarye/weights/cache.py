"""The user's cache of converted networks: safetensors files, written atomically.

Keys are ``conv1_1.weight`` (out, in, 3, 3), ``conv1_1.bias`` (out,) and so on, which act on RGB 0..255 minus the
metadata's ``mean``, and optionally ``relu1_1.readout`` (out, out). The metadata's ``sha256`` covers the mean and all
arrays, so damage can be detected from the file alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from safetensors import SafetensorError
from safetensors.numpy import load as decode
from safetensors.numpy import save as encode

from ..errors import WeightsError
from ..files.atomic_write import PART_SUFFIX, atomic_write
from .convention import Network, Triple
from .formats.safetensors_file import Header, header_of
from .layout import READOUT, Array, Convolution, check_shapes, validate_convolutions, validate_readouts

FORMAT = "gramarye-network-1"
SUFFIX = ".safetensors"

_STALE_AFTER = 3600.0
"""Age in seconds at which an unfinished write of a killed process is deleted."""


@dataclass(frozen=True)
class NetworkHeader:
    """The header of a network file. ``outputs`` gives the output channels of each convolution.

    ``name`` is the file name's stem, so it is unique in the folder.
    """

    path: Path
    name: str
    lineage: str
    mean: Triple
    outputs: dict[str, int]
    sha256: str
    source_sha256: str
    source_name: str


def networks_dir() -> Path:
    """Return the folder of converted networks; ``GRAMARYE_CACHE_DIR`` overrides its parent."""
    base = os.environ.get("GRAMARYE_CACHE_DIR") or platformdirs.user_cache_dir("gramarye", appauthor=False)
    return Path(base) / "networks"


def read_header(path: Path) -> NetworkHeader:
    """Read the header of a network file. Errors: those of `header_of`, and ``weights-malformed``."""
    header = header_of(path)
    header_metadata = header.metadata
    if header_metadata.get("format") != FORMAT:
        raise _damaged_error(path, f"it is not a {FORMAT} file")
    names = check_shapes(_shapes(header))
    return NetworkHeader(
        path,
        path.stem,
        header_metadata.get("lineage", ""),
        _mean(path, header_metadata.get("mean", "")),
        {name: header.shapes[f"{name}.weight"][0] for name in names},
        header_metadata.get("sha256", ""),
        header_metadata.get("source_sha256", ""),
        header_metadata.get("source_name", ""),
    )


def read(stored: NetworkHeader) -> Network:
    """Read the network in a file, as finite float32; verify its checksum if it has one.

    Errors: ``weights-checksum``, ``weights-malformed``, ``weights-unreadable``.
    """
    try:
        arrays = decode(stored.path.read_bytes())
    except OSError as error:
        raise _damaged_error(stored.path, error.strerror or "it cannot be read", "weights-unreadable") from error
    except SafetensorError as error:
        raise _damaged_error(stored.path, str(error)) from error
    if stored.sha256 and stored.sha256 != _checksum(stored.mean, arrays):
        raise _damaged_error(stored.path, "its checksum does not match its values", "weights-checksum")
    layers = {name: Convolution(arrays[f"{name}.weight"], arrays[f"{name}.bias"]) for name in stored.outputs}
    readouts = {key.removesuffix(READOUT): array for key, array in arrays.items() if key.endswith(READOUT)}
    return Network(
        validate_convolutions(layers), stored.mean, stored.lineage, validate_readouts(readouts, stored.outputs)
    )


def write(network: Network, name: str, source_sha256: str, source_name: str) -> Path:
    """Write ``network`` to the cache as ``name``, atomically; return the path. Errors: ``weights-unwritable``."""
    arrays: dict[str, Array] = {}
    for layer, convolution in network.convolutions.items():
        arrays[f"{layer}.weight"], arrays[f"{layer}.bias"] = convolution.weight, convolution.bias
    arrays |= {f"{tap}{READOUT}": matrix for tap, matrix in network.readouts.items()}
    metadata = {
        "format": FORMAT,
        "name": name,
        "lineage": network.lineage,
        "mean": json.dumps(network.mean),
        "sha256": _checksum(network.mean, arrays),
        "source_sha256": source_sha256,
        "source_name": source_name,
    }
    path = networks_dir() / f"{name}{SUFFIX}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale_parts(path.parent)
        with atomic_write(path) as file:
            file.write(encode(arrays, metadata))
    except OSError as error:
        raise unwritable(path.parent, error) from error
    return path


def unwritable(folder: Path, error: OSError) -> WeightsError:
    """Return the error for a cache folder that cannot be written (no permission, no space)."""
    hint = "Check the permissions and the free space there, or set GRAMARYE_CACHE_DIR to another folder."
    return WeightsError("weights-unwritable", f"{folder} cannot be written: {error.strerror or error}.", hint)


def _remove_stale_parts(folder: Path) -> None:
    """Delete the unfinished files of killed writers."""
    for path in folder.glob(f".*{PART_SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):  # another process may delete it too
            if time.time() - path.stat().st_mtime > _STALE_AFTER:
                path.unlink()


def _checksum(mean: Triple, arrays: Mapping[str, Array]) -> str:
    digest = hashlib.sha256(json.dumps(mean).encode())
    for key in sorted(arrays):
        values = arrays[key]
        little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        digest.update(f"\n{key} {little.dtype.str} {little.shape}\n".encode())
        digest.update(little.data)
    return digest.hexdigest()


def _shapes(header: Header) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    return {
        key.removesuffix(".weight"): (shape, header.shapes.get(key.removesuffix("weight") + "bias", ()))
        for key, shape in header.shapes.items()
        if key.endswith(".weight")
    }


def _mean(path: Path, text: str) -> Triple:
    try:
        red, green, blue = (float(value) for value in json.loads(text))
    except (ValueError, TypeError) as error:
        raise _damaged_error(path, "its mean is not three numbers") from error
    if not all(map(math.isfinite, (red, green, blue))):
        raise _damaged_error(path, "its mean is not finite")
    return red, green, blue


def _damaged_error(path: Path, what: str, code: str = "weights-malformed") -> WeightsError:
    hint = "Delete it, and import or fetch the network again."
    return WeightsError(code, f"{path} is damaged: {what}.", hint)
