"""Arithmetic on whole pictures a slab at a time: what lies in between stays in the cache, whatever their size."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .precision import has_float64, widen

BLOCK, GPU_BLOCK = 2**18, 2**24
"""Numbers at a time: what a processor's cache holds, and what keeps a graphics card busy."""

ROW_BLOCKS = 2
"""How many slabs of several rows at a time are best: products with a vector begin to pay late."""

_RUN = 4096
"""Products summed in float32 before float64 takes over."""


def inner_products(rows: Tensor, x: Tensor) -> Tensor:
    """<row, x> of each row (n, N) with x of N numbers: (n,), on their device, which nothing waits for.

    In float64, where the device has that, but for sums within a slab.
    """
    exact = torch.float64 if has_float64(x.device) else torch.float32
    return torch.stack([(widen(part) @ widen(other)).to(exact) for part, other in _parts(rows, x)]).sum(dim=0)


def inner_product(a: Tensor, b: Tensor) -> Tensor:
    """<a, b>, (1,), on the tensors' device, which nothing waits for.

    In float64, where the device has that, but for sums within a slab.
    """
    if a.device.type == "cpu":
        runs = torch.cat([total for left, right in _blocks(a, b) for total in _sums(widen(left) * widen(right))])
    else:  # a card sums by many threads, none of which adds up much
        runs = torch.stack([torch.dot(widen(left), widen(right)) for left, right in _blocks(a, b)])
    exact = torch.float64 if has_float64(a.device) else torch.float32
    return runs if len(runs) == 1 else runs.sum(dim=0, keepdim=True, dtype=exact)


def l1_norm(x: Tensor) -> Tensor:
    """The sum of |x|, (1,), on its device."""
    size: Tensor = torch.linalg.vector_norm(x, ord=1.0)
    return size[None]


def add_scaled_rows(total: Tensor, rows: Tensor, factors: Tensor) -> None:
    """total += sum factor_i row_i for rows (n, N), in place; ``total`` is contiguous, and ``factors`` (n,) are of its
    format, where it is."""
    for addends, into in _parts(rows, total):
        into.addmv_(addends.to(into.dtype).T, factors)


def row_blocks(x: Tensor) -> Iterator[slice]:
    """Runs of rows of x (..., H, W) that are about a slab each."""
    rows = max(1, block_size(x) // (x.numel() // x.shape[-2]))
    return (slice(first, first + rows) for first in range(0, x.shape[-2], rows))


def block_size(x: Tensor) -> int:
    """How many numbers at a time are best on the device of x."""
    return BLOCK if x.device.type == "cpu" else GPU_BLOCK


def _parts(rows: Tensor, x: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Of rows (n, N) and of x, N numbers, alike: of each as many as make up a few slabs with all rows."""
    size = max(1, ROW_BLOCKS * block_size(x) // len(rows))
    return zip(torch.split(rows, size, dim=1), torch.split(x.flatten(), size), strict=True)


def _blocks(a: Tensor, b: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    size = block_size(a)
    return zip(torch.split(a.flatten(), size), torch.split(b.flatten(), size), strict=True)


def _sums(products: Tensor) -> tuple[Tensor, Tensor]:
    """Run by run, and of the rest."""
    whole = products.numel() // _RUN * _RUN
    return products[:whole].view(-1, _RUN).sum(dim=1), products[whole:].sum(dim=0, keepdim=True)
