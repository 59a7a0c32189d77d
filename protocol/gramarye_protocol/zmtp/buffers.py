"""Bytes-like values: their type, and a flat view of one."""

from __future__ import annotations

from typing import Union

from .errors import ZmtpLocalError

BytesLike = Union[bytes, bytearray, memoryview]


def as_octets(data: BytesLike) -> memoryview:
    """A flat view of ``data``'s memory, without a copy.

    Raises ``ZmtpLocalError`` (``bad_buffer``) where ``data`` is no contiguous buffer.
    """
    try:
        view = memoryview(data)
    except TypeError:
        raise ZmtpLocalError(
            "bad_buffer",
            f"A {type(data).__name__} is not a bytes-like value.",
            "Give bytes, a bytearray or a memoryview.",
        ) from None
    if not view.c_contiguous:
        raise ZmtpLocalError(
            "bad_buffer", "The buffer's bytes are not contiguous in memory.", "Copy it into bytes first."
        )
    # A view with a zero in its shape cannot be cast.
    return view.cast("B") if view.nbytes else memoryview(b"")
