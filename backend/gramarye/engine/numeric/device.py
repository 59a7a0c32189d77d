"""The compute device: choice, threads, memory settings and errors."""

from __future__ import annotations

import torch

from ...errors import DeviceError
from .allocator import return_freed_memory

KINDS = ("cuda", "mps", "xpu", "cpu")
"""Device types, in the order in which "auto" prefers them."""


def choose_device(name: str = "auto") -> torch.device:
    """Return the device named "auto" (the fastest available), "cpu", "cuda", "cuda:1", "mps" or "xpu".

    DeviceError ``device-unavailable``.
    """
    available = [kind for kind in KINDS if _is_available(kind)]
    if name == "auto":
        return torch.device(available[0])
    kind, _, index = name.partition(":")
    if kind not in available or not _has_index(kind, index):
        raise DeviceError(
            "device-unavailable",
            f"There is no device {name!r} on this machine, or this PyTorch cannot use it.",
            f"Devices here: auto, {', '.join(available)}.",
        )
    return torch.device(name)


def use_threads(count: int) -> None:
    """Set the number of threads for arithmetic on the CPU, for the whole process."""
    torch.set_num_threads(count)


def release_memory(device: torch.device) -> None:
    """Return PyTorch's cached, unused memory to the device, or that of the C library to Linux."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
    elif device.type == "xpu":
        torch.xpu.empty_cache()
    else:
        return_freed_memory()


def is_device_lost(error: BaseException) -> bool:
    """Return whether an error means that this process can no longer compute on its device."""
    kind = getattr(torch, "AcceleratorError", None)
    return (kind is not None and isinstance(error, kind)) or "CUDA error" in str(error)


def _is_available(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    if kind == "xpu":
        return torch.xpu.is_available()
    return True


def _has_index(kind: str, index: str) -> bool:
    if not index:
        return True
    count = {"cuda": torch.cuda.device_count, "xpu": torch.xpu.device_count}.get(kind, lambda: 1)()
    return index.isdecimal() and int(index) < count
