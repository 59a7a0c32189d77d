"""Arithmetic on whole pictures a slab at a time: what lies in between stays in the cache, whatever their size."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .precision import wide

SLAB, GPU_SLAB = 2**18, 2**24
"""Numbers at a time: what a processor's cache holds, and what keeps a graphics card busy."""

NARROW = ("mps",)
"""Devices without float64."""

_RUN = 4096
"""Products summed in float32 before float64 takes over."""


def dot(a: Tensor, b: Tensor) -> float:
    """<a, b> of two tensors of one shape, accumulated in float64."""
    return dots((a, b))[0]


def dots(*pairs: tuple[Tensor, Tensor]) -> list[float]:
    """`dot` of each pair; the host waits for the device once."""
    return [float(sums.sum()) for sums in fetched(*(products(a, b) for a, b in pairs))]


def inner(a: Tensor, b: Tensor) -> Tensor:
    """<a, b> as a number () on the tensors' device, which nothing waits for; in float64 where the device has that."""
    runs = products(a, b)
    return runs.sum() if runs.device.type in NARROW else runs.sum(dtype=torch.float64)


def products(a: Tensor, b: Tensor) -> Tensor:
    """<a, b> run by run, (runs,), on the tensors' device: `fetched`, they add up to it."""
    return torch.cat([total for left, right in _slabs(a, b) for total in _sums(wide(left) * wide(right))])


def fetched(*numbers: Tensor) -> tuple[Tensor, ...]:
    """The same tensors, each (n,), on the CPU in float64, by one transfer."""
    together = torch.cat(numbers).cpu().to(torch.float64)
    parts: tuple[Tensor, ...] = torch.split(together, [part.numel() for part in numbers])
    return parts


def accumulate(total: Tensor, x: Tensor, factor: Tensor) -> None:
    """total += factor x, in place and in the format of ``total``, contiguous; ``factor`` () is on its device."""
    scale = factor.to(total.dtype)
    for into, addend in _slabs(total, x):
        into.addcmul_(addend.to(into.dtype), scale)


def row_slabs(x: Tensor) -> Iterator[slice]:
    """Runs of rows of x (H, W) that are about a slab each."""
    rows = max(1, _slab(x) // x.shape[1])
    return (slice(first, first + rows) for first in range(0, x.shape[0], rows))


def mean_magnitude(x: Tensor) -> float:
    """The mean of |x|."""
    return float(torch.linalg.vector_norm(x, ord=1.0)) / x.numel()


def _slabs(a: Tensor, b: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    slab = _slab(a)
    return zip(torch.split(a.flatten(), slab), torch.split(b.flatten(), slab), strict=True)


def _slab(x: Tensor) -> int:
    return SLAB if x.device.type == "cpu" else GPU_SLAB


def _sums(products: Tensor) -> tuple[Tensor, Tensor]:
    """Run by run, and of the rest."""
    whole = products.numel() // _RUN * _RUN
    return products[:whole].view(-1, _RUN).sum(dim=1), products[whole:].sum(dim=0, keepdim=True)
