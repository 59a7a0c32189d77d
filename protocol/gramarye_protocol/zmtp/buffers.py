"""`BytesLike` and a flat view of such a value."""

from __future__ import annotations

from typing import Union

from .errors import ZmtpLocalError

BytesLike = Union[bytes, bytearray, memoryview]


def as_octets(data: BytesLike) -> memoryview:
    """Return a flat view of ``data``'s memory, without a copy.

    Raises ``ZmtpLocalError`` (``bad_buffer``) if ``data`` is not a contiguous buffer.
    """
    try:
        view = memoryview(data)
    except TypeError:
        raise ZmtpLocalError(
            "bad_buffer",
            f"A value of type {type(data).__name__} is not bytes-like.",
            "Use bytes, a bytearray or a memoryview.",
        ) from None
    if not view.c_contiguous:
        raise ZmtpLocalError("bad_buffer", "The buffer is not contiguous in memory.", "Copy it into bytes first.")
    # A view with a zero in its shape cannot be cast.
    return view.cast("B") if view.nbytes else memoryview(b"")
