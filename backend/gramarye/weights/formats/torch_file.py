"""Reads PyTorch state dicts in the zip format and the legacy format (a sequence of pickles).

`torch_tar_file` reads the older tar format. torch is imported when a file is read; its ``weights_only`` mode refuses
everything but tensors.
"""

from __future__ import annotations

import mmap
import pickle
import pickletools
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ...errors import WeightsError
from ...files.bounded_reader import BoundedReader
from ..layout import Array, malformed
from .npz_file import open_zip
from .state_dict import LazyArrays

if TYPE_CHECKING:
    import torch

LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""First pickle of a legacy file: torch.serialization's magic number."""

_LEGACY_PICKLES = 5
"""Magic number, protocol version, system info, the object, the storages' keys. The storages' bytes follow them."""

_COUNT_OPCODES = frozenset({"FRAME", "PUT", "BINPUT", "LONG_BINPUT"})
"""Pickle opcodes whose argument determines a size to allocate: bytes to read, or memo entries."""

_TRUNCATION_ERRORS = (EOFError, struct.error, IndexError, RuntimeError, ValueError)
"""Exceptions of torch's reader for a legacy file that ends early, after its pickles were found complete."""


def read_arrays(path: Path) -> LazyArrays:
    """Return the tensors of a state dict (or of a checkpoint's ``state_dict``), converted lazily.

    Errors: ``weights-unsafe``, ``weights-truncated``, ``weights-malformed``.
    """
    is_zip = zipfile.is_zipfile(path)
    if is_zip:
        _check_zip(path)
    else:
        _check_legacy(path)
    tensors = _tensors(_load(path, legacy=not is_zip))
    return LazyArrays(
        {key: tuple(tensor.shape) for key, tensor in tensors.items()}, lambda key: _array(key, tensors[key])
    )


def unsafe_pickle(name: str) -> WeightsError:
    """Return the error for a file that holds other objects than tensors."""
    return WeightsError(
        "weights-unsafe",
        f"{name} holds pickled Python objects, which could run code when loaded; nothing was loaded.",
        "Save the state dict alone: torch.save(model.state_dict(), ...). Do not trust a file of unknown origin.",
    )


def _load(path: Path, *, legacy: bool) -> Any:
    import torch

    try:
        with BoundedReader(path) as file:
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise unsafe_pickle(path.name) from error
    except _TRUNCATION_ERRORS as error:
        if not legacy:
            raise malformed(f"{path.name} is damaged: {_first_line(error)}") from error
        raise truncated(path) from error


def _check_zip(path: Path) -> None:
    with open_zip(path) as archive:
        names = [name.partition("/")[2] for name in archive.namelist()]
        if "constants.pkl" in names or any(name.startswith("code/") for name in names):
            raise WeightsError(
                "weights-unsafe",
                f"{path.name} is a TorchScript program, not a state dict; it was not run.",
                "Save the state dict alone: torch.save(model.state_dict(), ...).",
            )
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise malformed(f"{path.name} is compressed; files written by PyTorch are not.")


def _check_legacy(path: Path) -> None:
    """Check that the pickles are complete, without executing them."""
    with open(path, "rb") as file:
        for _ in range(_LEGACY_PICKLES):
            check_pickle(path, file)


def check_pickle(path: Path, file: BinaryIO) -> None:
    """Skip the pickle at the file's position, without executing it.

    Errors: ``weights-truncated`` (incomplete), ``weights-malformed`` (states more entries or bytes than the file has,
    which the unpickler would allocate first).
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:  # reads never allocate beyond the file
        try:
            whole.seek(file.tell())
            for opcode, argument, _ in pickletools.genops(whole):  # type: ignore[arg-type]  # needs only read, readline and tell
                if opcode.name in _COUNT_OPCODES and isinstance(argument, int) and argument > len(whole):
                    raise malformed(f"{path.name} claims {argument} entries, more than it has bytes.")
        except (ValueError, IndexError, EOFError, struct.error) as error:
            raise truncated(path) from error
        file.seek(whole.tell())


def _tensors(loaded: Any) -> dict[str, torch.Tensor]:
    import torch

    if isinstance(loaded, dict) and isinstance(loaded.get("state_dict"), dict):
        loaded = loaded["state_dict"]
    if not isinstance(loaded, dict):
        raise malformed(f"It holds a {type(loaded).__name__} instead of a state dict.")
    return {str(key): value for key, value in loaded.items() if isinstance(value, torch.Tensor)}


def _array(key: str, tensor: torch.Tensor) -> Array:
    import torch

    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        raise malformed(f"{key} is not a dense CPU tensor.")
    if tensor.dtype is torch.uint8:  # indices; what needs floating-point numbers refuses them
        indices: Array = tensor.contiguous().numpy()
        return indices
    if not tensor.dtype.is_floating_point:
        raise malformed(f"{key} holds {tensor.dtype} values instead of floating-point numbers.")
    values: Array = tensor.detach().to(torch.float32).contiguous().numpy()
    return values


def truncated(path: Path) -> WeightsError:
    """Return the error for a file that ends too early."""
    return WeightsError(
        "weights-truncated", f"{path.name} ends too early: part of it is missing.", "Download or copy it again."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
