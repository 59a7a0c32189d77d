"""Whether the C library keeps the memory of freed tensors for the next ones; only glibc is told.

glibc takes large blocks from Linux and returns them at once. The features of a painting are such blocks, and clearing
their pages anew for each evaluation takes a fifth of a step at 512 px, and more in larger pictures. Kept blocks do not
always fit the next request: memory grew by 7 to 18% from 1 to 4 megapixels, but by 39% at 12 megapixels, where it may
be scarce.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

MAX_KEPT_PIXELS = 2048 * 2048
"""Size of the largest picture for which freed memory is kept."""

_MMAP_MAX = -4
"""``M_MMAP_MAX`` of ``mallopt``: how many blocks may be taken from Linux one by one."""

_USUAL_MMAP_MAX = 65536


def keep_freed_memory(pixels: int) -> None:
    """Keep freed memory from now on if a picture of so many pixels is small enough, else return it at once."""
    mallopt = _function("mallopt")
    if mallopt is not None:
        mallopt(_MMAP_MAX, 0 if pixels <= MAX_KEPT_PIXELS else _USUAL_MMAP_MAX)


def return_freed_memory() -> None:
    """Return the freed memory that is kept."""
    malloc_trim = _function("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _function(name: str) -> Callable[..., int] | None:
    """A function of glibc; None where there is another C library."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
