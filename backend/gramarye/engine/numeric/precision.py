"""Number formats of a painting: of its pixels, and of its features, which take nearly all the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

BFLOAT16_LOSS_ERROR = 2.0**-10
"""Relative variation of losses of bfloat16 features between equally good pictures (measured late in a painting)."""


@dataclass(frozen=True)
class Precision:
    """Formats of the pixels and the optimiser's tensors, and of the features; ``tf32`` rounds products on CUDA.

    Sums over features, losses and the optimiser's inner products are float32 or wider with any format of the features.
    """

    pixels: torch.dtype = torch.float32
    features: torch.dtype = torch.float32
    tf32: bool = False

    @property
    def noise(self) -> float:
        """Relative rounding error of a loss; 0 for features wider than bfloat16, where it is negligible."""
        return BFLOAT16_LOSS_ERROR if self.features == torch.bfloat16 else 0.0

    @contextmanager
    def applied(self, device: torch.device) -> Iterator[None]:
        """Context manager that sets the precision of float32 products on ``device``, and restores it."""
        if device.type != "cuda":
            yield
            return
        products: tuple[Any, ...] = (torch.backends.cudnn.conv, torch.backends.cuda.matmul)  # type: ignore[attr-defined]  # set at run time
        before = [product.fp32_precision for product in products]
        try:
            for product in products:
                product.fp32_precision = "tf32" if self.tf32 else "ieee"
            yield
        finally:
            for product, earlier in zip(products, before, strict=True):
                product.fp32_precision = earlier


FLOAT32 = Precision()


def choose_precision(name: str, device: torch.device, pixels: torch.dtype = torch.float32) -> Precision:
    """Return a recipe's precision on a device: "auto" is bfloat16 if the device supports it natively, or float32.

    Pixels in float64 (for tests) imply features in float64 with any name.
    """
    if pixels == torch.float64:
        return Precision(pixels, pixels)
    if name == "bfloat16" or (name == "auto" and has_native_bfloat16(device)):
        return Precision(pixels, torch.bfloat16)
    return Precision(pixels, torch.float32, tf32=name == "tf32")


def widen(x: Tensor) -> Tensor:
    """Return x in the format for sums: float32, or float64 if it is float64 already."""
    return x if x.dtype == torch.float64 else x.to(torch.float32)


def to_float64(x: Tensor) -> Tensor:
    """Return x in float64, on its device, or on the CPU if the device does not support float64."""
    return x.to(torch.float64) if has_float64(x.device) else x.cpu().to(torch.float64)


def has_float64(device: torch.device) -> bool:
    """Return whether a device supports float64, at any speed."""
    if device.type == "xpu":
        return bool(torch.xpu.get_device_properties(device).has_fp64)
    return device.type != "mps"


def has_native_bfloat16(device: torch.device) -> bool:
    """Return whether a device supports bfloat16 natively and is faster with it."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "xpu":
        return bool(torch.xpu.is_bf16_supported())
    if device.type == "cpu":
        instructions = torch.cpu.get_capabilities()
        return bool(instructions.get("avx512_bf16") or instructions.get("amx_bf16") or instructions.get("bf16"))
    return False  # no faster with Apple's kernels
