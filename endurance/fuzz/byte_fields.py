"""Several byte strings in one case, each preceded by its length in two bytes; a truncated one ends the list."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def join_chunks(chunks: Sequence[bytes]) -> bytes:
    """The case that holds ``chunks``."""
    return b"".join(struct.pack(">H", len(chunk)) + chunk for chunk in chunks)


def split_chunks(data: bytes) -> list[bytes]:
    """The chunks of a case; every byte string is a valid case."""
    chunks = []
    position = 0
    while position + 2 <= len(data):
        (size,) = struct.unpack_from(">H", data, position)
        chunks.append(data[position + 2 : position + 2 + size])
        position += 2 + size
    return chunks
