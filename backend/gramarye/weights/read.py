"""Reads the network in a weights file. Formats are recognised by content, not by file name."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from ..errors import WeightsError
from .cache import FORMAT, read, read_header
from .convention import Network, affine_unit, bgr_255, fold, rgb_255
from .digests import unreadable
from .formats import keras_file, mat_file, npz_file, safetensors_file, torch_file, torch_tar_file
from .formats.state_dict import LazyArrays, find_convolutions
from .formats.value_tables import expand_value_tables, has_value_tables
from .infer_convention import INPUT_CONVENTIONS, infer_convention
from .layout import Array, malformed

_FIRST_BYTES = 520
"""Bytes needed to recognise every format: in MATLAB 7.3 files, HDF5 begins at byte 512."""

Reader = Callable[[Path, str], Network]


def read_network(path: Path, expected_input: str = "") -> Network:
    """Read the network in a file; ``expected_input`` is a key of INPUT_CONVENTIONS, empty to infer the convention.

    Errors: ``weights-unreadable``, ``weights-unrecognised``, ``weights-truncated``, ``weights-malformed``,
    ``weights-unsafe``.
    """
    start = read_first_bytes(path)
    try:
        return _reader_for(path, start)(path, expected_input)
    except MemoryError as error:
        raise malformed(f"{path.name} needs more memory than is available.") from error
    except OSError as error:
        raise unreadable(path, str(error)) from error
    except WeightsError:
        raise
    except Exception as error:  # parsers raise many types for damaged files
        raise malformed(f"{path.name} is damaged: {type(error).__name__}: {str(error).rstrip('.')}.") from error


def read_first_bytes(path: Path) -> bytes:
    """Return the first bytes of a non-empty regular file. Errors: ``weights-unreadable``, ``weights-truncated``."""
    if path.is_dir():
        raise unreadable(path, "it is a folder")
    if path.exists() and not path.is_file():
        raise unreadable(path, "it is not a regular file")
    try:
        with open(path, "rb") as file:
            start = file.read(_FIRST_BYTES)
    except OSError as error:
        raise unreadable(path, error.strerror or "unknown reason") from error
    if not start:
        raise WeightsError("weights-truncated", f"{path} is empty.", "Download or copy it again.")
    return start


def is_web_page(start: bytes) -> bool:
    """Whether ``start`` begins HTML or XML, such as the error page of a server that does not have the file."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _reader_for(path: Path, start: bytes) -> Reader:
    if start.startswith(keras_file.HDF5_MAGIC):
        return _from_keras
    if mat_file.is_mat(start):
        return _from_mat
    if start.startswith(b"PK\x03\x04"):
        return _from_torch if _holds_pickle(path) else _from_npz
    if start.startswith(torch_file.LEGACY_MAGIC):
        return _from_torch
    if torch_tar_file.is_tar(start):
        return _from_tar
    if safetensors_file.is_safetensors(start):
        return _from_safetensors
    raise _unrecognised(path, start)


def _unrecognised(path: Path, start: bytes) -> WeightsError:
    if is_web_page(start):
        hint = "The server did not have the file; open the address in a browser to see its message."
        return WeightsError("weights-unrecognised", f"{path.name} is a web page, saved instead of weights.", hint)
    if start.startswith(b"version https://git-lfs"):
        hint = "Get the file itself with: git lfs pull"
        return WeightsError("weights-unrecognised", f"{path.name} is a Git LFS pointer, not the file itself.", hint)
    if start[512:].startswith(keras_file.HDF5_MAGIC):
        hint = "Save it with MATLAB's -v7, as MatConvNet does."
        return WeightsError("weights-unrecognised", f"{path.name} is a MATLAB 7.3 file.", hint)
    if torch_file.LEGACY_MAGIC.startswith(start):
        return WeightsError("weights-truncated", f"{path.name} ends too early.", "Download or copy it again.")
    if start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return torch_file.unsafe_pickle(path.name)
    known = "MatConvNet .mat, Keras .h5, PyTorch .pth, NumPy .npz or safetensors"
    hint = "gramarye weights fetch downloads a good file; gramarye weights list shows all published ones."
    return WeightsError("weights-unrecognised", f"{path.name} is not a weights file: it is not {known}.", hint)


def _holds_pickle(path: Path) -> bool:
    """Whether a zip archive is PyTorch's; otherwise it is read as NumPy's."""
    with npz_file.open_zip(path) as archive:
        return any(zipfile.Path(archive, name).name == "data.pkl" for name in archive.namelist())


def _from_keras(path: Path, expected_input: str) -> Network:
    convention = INPUT_CONVENTIONS[expected_input or "caffe"]()
    return fold(keras_file.read_convolutions(path), convention)


def _from_mat(path: Path, expected_input: str) -> Network:
    convolutions, mean = mat_file.read_convolutions(path)
    convention = rgb_255(mean) if expected_input in ("", "rgb") else bgr_255(mean)
    return fold(convolutions, convention)


def _from_torch(path: Path, expected_input: str) -> Network:
    arrays = torch_file.read_arrays(path)
    return _from_arrays(expand_value_tables(arrays) if has_value_tables(arrays) else arrays, expected_input)


def _from_tar(path: Path, expected_input: str) -> Network:
    return _from_arrays(torch_tar_file.read_arrays(path), expected_input)


def _from_npz(path: Path, expected_input: str) -> Network:
    return _from_arrays(npz_file.read_arrays(path), expected_input)


def _from_safetensors(path: Path, expected_input: str) -> Network:
    if safetensors_file.header_of(path).metadata.get("format") == FORMAT:
        return read(read_header(path))
    return _from_arrays(safetensors_file.read_arrays(path), expected_input)


def _from_arrays(arrays: LazyArrays, expected_input: str) -> Network:
    named = find_convolutions(arrays)
    if named.naming == "distilled" and "conv0.weight" in arrays.shapes:
        matrix, offset = _preprocessing(arrays)
        return fold(named.convolutions, affine_unit(matrix, offset, "distilled, with its own preprocessing"))
    if expected_input:
        return fold(named.convolutions, INPUT_CONVENTIONS[expected_input]())
    return fold(named.convolutions, infer_convention(named.convolutions, named.naming))


def _preprocessing(arrays: LazyArrays) -> tuple[Array, Array]:
    """Return the 1x1 convolution ``conv0``, which acts on RGB 0..1, as a matrix and an offset."""
    if arrays.shapes["conv0.weight"] != (3, 3, 1, 1) or arrays.shapes.get("conv0.bias") != (3,):
        raise malformed(f"conv0 has kernels of shape {arrays.shapes['conv0.weight']}; (3, 3, 1, 1) is needed.")
    return arrays.get("conv0.weight")[:, :, 0, 0], arrays.get("conv0.bias")
