"""Several byte strings in one case: each behind its length, as two bytes; what is cut short ends the row."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def join_chunks(chunks: Sequence[bytes]) -> bytes:
    """One case of ``chunks``."""
    return b"".join(struct.pack(">H", len(chunk)) + chunk for chunk in chunks)


def split_chunks(data: bytes) -> list[bytes]:
    """The pieces of a case; any bytes are some."""
    chunks = []
    position = 0
    while position + 2 <= len(data):
        (size,) = struct.unpack_from(">H", data, position)
        chunks.append(data[position + 2 : position + 2 + size])
        position += 2 + size
    return chunks
