"""Several byte strings in one case: each behind its length, as two bytes; what is cut short ends the row."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def joined(pieces: Sequence[bytes]) -> bytes:
    """One case of ``pieces``."""
    return b"".join(struct.pack(">H", len(piece)) + piece for piece in pieces)


def split(data: bytes) -> list[bytes]:
    """The pieces of a case; any bytes are some."""
    pieces = []
    position = 0
    while position + 2 <= len(data):
        (size,) = struct.unpack_from(">H", data, position)
        pieces.append(data[position + 2 : position + 2 + size])
        position += 2 + size
    return pieces
