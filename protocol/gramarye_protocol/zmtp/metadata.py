"""The property list that a READY command carries (RFC 23, "The NULL Security Mechanism")."""

from __future__ import annotations

import string
from types import MappingProxyType
from typing import Mapping

from .errors import ZmtpPeerError

_NAME_OCTETS = frozenset((string.ascii_letters + string.digits + "-_.+").encode("ascii"))
_LARGEST_VALUE = 2**31 - 1


def encode_properties(properties: Mapping[str, bytes]) -> bytes:
    """Return each property as name length (1 octet), name, value length (4 octets), value."""
    encoded = bytearray()
    for name, value in properties.items():
        encoded += bytes([len(name)]) + name.encode("ascii") + len(value).to_bytes(4, "big") + value
    return bytes(encoded)


def parse_properties(data: bytes) -> Mapping[str, bytes]:
    """Return the properties in ``data``, with names in lower case. Raises ``ZmtpPeerError`` (``bad_metadata``)."""
    properties: dict[str, bytes] = {}
    position = 0
    while position < len(data):
        name, position = _read_length_prefixed(data, position, 1)
        value, position = _read_length_prefixed(data, position, 4)
        key = _checked_name(name)
        # RFC 23 defines a dictionary, so a repeated name is ambiguous.
        if key in properties:
            raise _bad_metadata(f"names the property {key!r} twice")
        properties[key] = value
    return MappingProxyType(properties)


def _read_length_prefixed(data: bytes, position: int, size_octets: int) -> tuple[bytes, int]:
    """Return the string at ``position``, which starts with its size in ``size_octets`` octets, and its end."""
    start = position + size_octets
    size = int.from_bytes(data[position:start], "big")
    # RFC 23: a value is at most 2^31-1 octets. Nothing may exceed the command.
    if start > len(data) or size > _LARGEST_VALUE or start + size > len(data):
        raise _bad_metadata("is truncated within a property")
    return data[start : start + size], start + size


def _checked_name(name: bytes) -> str:
    # RFC 23: a name is 1 to 255 of these characters; case is not significant.
    if not name or not _NAME_OCTETS.issuperset(name):
        raise _bad_metadata("has a property name that is empty or contains forbidden characters")
    return name.decode("ascii").lower()


def _bad_metadata(fault: str) -> ZmtpPeerError:
    return ZmtpPeerError(
        "bad_metadata",
        f"The peer's READY command {fault}.",
        "The program at the other end violates ZMTP: update or replace it.",
    )
