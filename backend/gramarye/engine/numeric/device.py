"""Where to compute: which device, with how many threads."""

from __future__ import annotations

import os

import torch

from ...errors import DeviceError

KINDS = ("cuda", "mps", "xpu", "cpu")
"""In the order in which "auto" takes them."""


def choose_device(name: str = "auto") -> torch.device:
    """ "auto" (the fastest there is), "cpu", "cuda", "cuda:1", "mps" or "xpu" as a device that is there.

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
    """How many threads the CPU's arithmetic may take, for the whole process."""
    torch.set_num_threads(count)


def use_huge_pages() -> None:
    """Have Linux back large tensors by large pages, before the first is made: L-BFGS' own work at 24 MP is halved."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def release_memory(device: torch.device) -> None:
    """Give memory that PyTorch keeps for later back to the device's other users."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
    elif device.type == "xpu":
        torch.xpu.empty_cache()


def is_device_lost(error: BaseException) -> bool:
    """Whether an error says that this process can no longer compute on its device."""
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
