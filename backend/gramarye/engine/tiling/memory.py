"""Memory estimates of a painting, and checks against the device's free memory."""

from __future__ import annotations

import bisect
import ctypes
import os
import sys
from collections.abc import Iterable

import torch

from ...errors import DeviceError
from ..numeric.precision import FLOAT32, Precision
from ..recipe import Recipe
from ..vgg.layers import MIN_SIDE
from ..vgg.network import Network
from .plan import FEATURES_BYTES, feature_bytes, plan_segments, target_bytes

IMAGE_TENSORS = 10
"""Picture-sized tensors besides the L-BFGS history: point, trial, their gradients, best, temporaries, originals."""

HISTOGRAM_FACTOR = 1.25
"""Factor on the features' memory with a histogram term.

The style's features are then read twice, and both gradients exist until they are added (a quarter more, measured in one
piece; less in tiles).
"""

ALLOCATOR_FACTOR = 1.1
"""Factor for memory lost to the allocator's fragmentation."""

HISTORY_BYTES = 2**30
"""Most bytes of the L-BFGS history: above 4 megapixels it holds fewer than 20 steps."""

MIN_HISTORY = 3
"""Least length of the history at any size (Nocedal & Wright, Numerical Optimization, section 7.2)."""

WORKSPACE = 64 * 2**20
"""Bytes for the workspaces of the libraries."""


def estimate_bytes(
    network: Network,
    height: int,
    width: int,
    recipe: Recipe,
    precision: Precision = FLOAT32,
    budget: int = FEATURES_BYTES,
) -> int:
    """Return an upper estimate of the bytes for painting height x width pixels; the size includes the margin.

    It includes the network's weights. ``budget`` is the memory for features, 0 for as little as possible. The estimate
    is within about a fifth of the measured peak on the CPU.
    """
    itemsize, pixel = precision.features.itemsize, precision.pixels.itemsize
    segments = plan_segments(network, recipe.taps(), height, width, itemsize, budget)
    features = feature_bytes(network, segments, recipe.taps(), height, width, itemsize)
    targets = target_bytes(network, recipe.content_layers, height, width, itemsize)
    history = history_length(recipe, height, width, pixel) if recipe.optimiser == "lbfgs" else 0
    images = IMAGE_TENSORS * 3 * height * width * pixel + history * _pair_bytes(height, width, pixel)
    weights = (
        sum(convolution.weight.numel() + convolution.bias.numel() for convolution in network.convolutions.values())
        * itemsize
    )
    return int(ALLOCATOR_FACTOR * (features + targets + images + weights)) + WORKSPACE


def feature_budget(
    device: torch.device, network: Network, height: int, width: int, recipe: Recipe, precision: Precision
) -> int:
    """Return the bytes available to the features of a painting: the free memory less all else, at most
    `FEATURES_BYTES`."""
    share = 1.0 / HISTOGRAM_FACTOR if recipe.histogram_weight and recipe.style_weight else 1.0
    free = free_bytes(device)
    if free is None:
        return int(share * FEATURES_BYTES)
    beside = free - estimate_bytes(network, height, width, recipe, precision, 0)
    return int(share * max(0, min(FEATURES_BYTES, beside)))


def history_length(recipe: Recipe, height: int, width: int, itemsize: int = 4) -> int:
    """Return the L-BFGS history's length on height x width pixels: the recipe's, limited by `HISTORY_BYTES`.

    It does not depend on the free memory, so that a recipe paints the same on every machine.
    """
    return min(recipe.history, max(MIN_HISTORY, HISTORY_BYTES // _pair_bytes(height, width, itemsize)))


def estimate_target_bytes(network: Network, height: int, width: int, recipe: Recipe, precision: Precision) -> int:
    """Return the bytes for measuring a style of height x width pixels, forward only, in the smallest tiles."""
    itemsize = precision.features.itemsize
    segments = plan_segments(network, recipe.style_layers, height, width, itemsize, 0)
    features = feature_bytes(network, segments, recipe.style_layers, height, width, itemsize)
    return features + 3 * 3 * height * width * precision.pixels.itemsize + WORKSPACE


def require_memory(
    device: torch.device,
    network: Network,
    recipe: Recipe,
    size: tuple[int, int],
    style_sizes: Iterable[tuple[int, int]],
    precision: Precision,
) -> None:
    """Raise DeviceError ``picture-too-large`` if a painting of ``size`` (height, width) does not fit into free memory.

    The hint names a size that fits, if there is one. If the free memory is unknown, every size is accepted.
    """
    free = free_bytes(device)
    if free is None:
        return
    if estimate_bytes(network, *size, recipe, precision, 0) > free:
        raise _too_large("layer", size, _max_fitting_side(free, network, size, recipe, precision))
    for style in style_sizes:
        if estimate_target_bytes(network, *style, recipe, precision) > free:
            raise _too_large("style", style, 0)


def free_bytes(device: torch.device) -> int | None:
    """Return the bytes available on a device; None if unknown."""
    if device.type == "cuda":
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + cached
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
    if device.type == "xpu":
        total: int = torch.xpu.get_device_properties(device).total_memory
        return total - torch.xpu.memory_allocated(device)
    return _free_system_bytes()


def is_out_of_memory(error: RuntimeError) -> bool:
    """Return whether an error of PyTorch reports a lack of memory."""
    words = str(error)
    return isinstance(error, torch.cuda.OutOfMemoryError) or "allocate memory" in words or "out of memory" in words


def _pair_bytes(height: int, width: int, itemsize: int) -> int:
    """Bytes of a step and its gradient change; float32 pixels are stored in bfloat16."""
    return 2 * 3 * height * width * (2 if itemsize == 4 else itemsize)


def _max_fitting_side(free: int, network: Network, size: tuple[int, int], recipe: Recipe, precision: Precision) -> int:
    """The longest side, a multiple of 16, at which the picture fits; 0 if there is none."""
    height, width = size
    longest = max(size)

    def needed(sixteenths: int) -> int:
        side = sixteenths * MIN_SIDE
        shrunk = (max(MIN_SIDE, height * side // longest), max(MIN_SIDE, width * side // longest))
        return estimate_bytes(network, *shrunk, recipe, precision, 0)

    return MIN_SIDE * (bisect.bisect_right(range(1, longest // MIN_SIDE + 1), free, key=needed))


def _too_large(what: str, size: tuple[int, int], longest: int) -> DeviceError:
    fits = f"A longest side of {longest} pixels would fit; " if longest else ""
    return DeviceError(
        "picture-too-large",
        f"The {what} of {size[1]} x {size[0]} pixels needs more memory than is free.",
        f"{fits}otherwise close other programs, or take a smaller size or network.",
    )


def _free_system_bytes() -> int | None:
    if sys.platform == "win32":
        return _free_windows_bytes()
    if sys.platform == "linux":  # the kernel's estimate, including caches that it can drop
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    if "SC_PHYS_PAGES" in os.sysconf_names:  # macOS: only the total is known
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _free_windows_bytes() -> int:
    class MemoryStatus(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = [
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("total", ctypes.c_uint64),
            ("free", ctypes.c_uint64),
            ("files", ctypes.c_uint64 * 2),
            ("virtual", ctypes.c_uint64 * 3),
        ]

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined, unused-ignore]  # Windows only
    free: int = status.free
    return free
