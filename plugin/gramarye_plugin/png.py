"""Reads the ICC profile of a PNG file (PNG specification, third edition, 11.3.2.3, "iCCP")."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def icc_profile(data: bytes) -> bytes:
    """Return the embedded ICC profile; empty if there is none or ``data`` is not a PNG file."""
    place = len(SIGNATURE)
    if not data.startswith(SIGNATURE):
        return b""
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        if kind == b"iCCP":
            _name, _, rest = data[place + 8 : place + 8 + length].partition(b"\0")
            return zlib.decompress(rest[1:])  # skip the compression method; only one is defined
        if kind in (b"IDAT", b"IEND"):
            return b""
        place += 12 + length
    return b""
