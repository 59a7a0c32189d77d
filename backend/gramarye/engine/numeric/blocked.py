"""Blocked arithmetic on whole pictures: intermediate results stay in the cache at any size."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from .precision import has_float64, widen

BLOCK, GPU_BLOCK = 2**18, 2**24
"""Numbers per block: what fits into a CPU's cache, and what keeps a GPU busy."""

ROW_BLOCKS = 2
"""Blocks processed at a time in operations on several rows: products with a vector need larger blocks."""

_RUN = 4096
"""Products summed in float32 before the sums are added in float64."""


def inner_products(rows: Tensor, x: Tensor) -> Tensor:
    """Return the inner products (n,) of rows (n, N) with x of N numbers, on their device, without synchronising.

    Blocks are summed in float32 (float64 for two float64 inputs) and added in float64 if the device supports it.
    """
    exact = torch.float64 if has_float64(x.device) else torch.float32
    return torch.stack([(widen(part) @ widen(other)).to(exact) for part, other in _parts(rows, x)]).sum(dim=0)


def inner_product(a: Tensor, b: Tensor) -> Tensor:
    """Return the inner product <a, b>, (1,), on the tensors' device, without synchronising.

    Short runs (on a GPU, blocks) are summed in float32 and added in float64 if the device supports it.
    """
    if a.device.type == "cpu":
        runs = torch.cat([total for left, right in _blocks(a, b) for total in _sums(widen(left) * widen(right))])
    else:  # on a GPU, many threads sum, each over few numbers
        runs = torch.stack([torch.dot(widen(left), widen(right)) for left, right in _blocks(a, b)])
    exact = torch.float64 if has_float64(a.device) else torch.float32
    return runs if len(runs) == 1 else runs.sum(dim=0, keepdim=True, dtype=exact)


def l1_norm(x: Tensor) -> Tensor:
    """Return the sum of |x|, (1,), on its device."""
    size: Tensor = torch.linalg.vector_norm(x, ord=1.0)
    return size[None]


def add_scaled_rows(total: Tensor, rows: Tensor, factors: Tensor) -> None:
    """Add sum_i factor_i row_i to ``total``, in place, for rows (n, N).

    ``total``, N numbers, is contiguous; ``factors`` (n,) have its format and device.
    """
    for addends, into in _parts(rows, total):
        into.addmv_(addends.to(into.dtype).T, factors)


def row_blocks(x: Tensor) -> Iterator[slice]:
    """Return slices of the rows of x (..., H, W), of about one block each."""
    rows = max(1, block_size(x) // (x.numel() // x.shape[-2]))
    return (slice(first, first + rows) for first in range(0, x.shape[-2], rows))


def block_size(x: Tensor) -> int:
    """Return the numbers per block on the device of x."""
    return BLOCK if x.device.type == "cpu" else GPU_BLOCK


def _parts(rows: Tensor, x: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield matching parts of rows (n, N) and of x, N numbers; a part of all rows is `ROW_BLOCKS` blocks."""
    size = max(1, ROW_BLOCKS * block_size(x) // len(rows))
    return zip(torch.split(rows, size, dim=1), torch.split(x.flatten(), size), strict=True)


def _blocks(a: Tensor, b: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    size = block_size(a)
    return zip(torch.split(a.flatten(), size), torch.split(b.flatten(), size), strict=True)


def _sums(products: Tensor) -> tuple[Tensor, Tensor]:
    """Sums of each full run, and of the remainder."""
    whole = products.numel() // _RUN * _RUN
    return products[:whole].view(-1, _RUN).sum(dim=1), products[whole:].sum(dim=0, keepdim=True)
