"""In which number formats a painting is computed: its pixels, and its features, which cost nearly all the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

BFLOAT16_LOSS_ERROR = 2.0**-10
"""What losses of bfloat16 features vary by from one picture to the next that is as good (measured late in a race)."""


@dataclass(frozen=True)
class Precision:
    """Formats of the pixels with all that the optimiser holds, and of the features; ``tf32`` rounds products on CUDA.

    Sums over features, losses and the optimiser's products are float32 or wider whatever the features are.
    """

    pixels: torch.dtype = torch.float32
    features: torch.dtype = torch.float32
    tf32: bool = False

    @property
    def noise(self) -> float:
        """The relative error that a loss has by rounding; that of wider features is no matter."""
        return BFLOAT16_LOSS_ERROR if self.features == torch.bfloat16 else 0.0

    @contextmanager
    def applied(self, device: torch.device) -> Iterator[None]:
        """While it lasts, float32 products on ``device`` are as this precision has them."""
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
    """A recipe's precision on a device: "auto" is bfloat16 where the device multiplies it natively.

    Pixels in float64 are for proofs: their features are float64, whatever the name.
    """
    if pixels == torch.float64:
        return Precision(pixels, pixels)
    if name == "bfloat16" or (name == "auto" and has_native_bfloat16(device)):
        return Precision(pixels, torch.bfloat16)
    return Precision(pixels, torch.float32, tf32=name == "tf32")


def widen(x: Tensor) -> Tensor:
    """The same numbers in the format to sum them in: float32, or float64 where they are."""
    return x if x.dtype == torch.float64 else x.to(torch.float32)


def to_float64(x: Tensor) -> Tensor:
    """The same numbers in float64: where they are, or on the CPU where that device has none."""
    return x.to(torch.float64) if has_float64(x.device) else x.cpu().to(torch.float64)


def has_float64(device: torch.device) -> bool:
    """Whether a device computes in float64, however slowly."""
    if device.type == "xpu":
        return bool(torch.xpu.get_device_properties(device).has_fp64)
    return device.type != "mps"


def has_native_bfloat16(device: torch.device) -> bool:
    """Whether a device does so natively, and gains by it."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "xpu":
        return bool(torch.xpu.is_bf16_supported())
    if device.type == "cpu":
        instructions = torch.cpu.get_capabilities()
        return bool(instructions.get("avx512_bf16") or instructions.get("amx_bf16") or instructions.get("bf16"))
    return False  # Apple's own kernels gain nothing by it
