"""The commands READY, ERROR (RFC 23), PING and PONG (RFC 37): encoding and parsing.

The ``parse`` functions raise ``ZmtpPeerError`` (``bad_command``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from .errors import ZmtpPeerError
from .metadata import encode_properties
from .writer import encode_command

# RFC 37, "Connection Heartbeating": ping-context = 0*16OCTET.
LARGEST_CONTEXT = 16
# RFC 37: the time-to-live counts tenths of a second.
TTL_PER_SECOND = 10


@dataclass(frozen=True)
class Command:
    name: bytes
    data: bytes


@dataclass(frozen=True)
class Ping:
    """A PING command; ``ttl`` is in seconds, 0 for none."""

    ttl: float
    context: bytes


def encode_ready(properties: Mapping[str, bytes]) -> bytes:
    return encode_command(b"READY", encode_properties(properties))


def encode_error(reason: str) -> bytes:
    """Return an ERROR. ``reason`` has at most 255 visible characters (RFC 23: error-reason = OCTET 0*255VCHAR)."""
    return encode_command(b"ERROR", bytes([len(reason)]) + reason.encode("ascii"))


def encode_ping(context: bytes) -> bytes:
    """Return a PING without a time-to-live, because an editor that is busy for a while is still alive."""
    return encode_command(b"PING", bytes(2) + context)


def encode_pong(context: bytes) -> bytes:
    return encode_command(b"PONG", context)


def parse_command(body: bytearray) -> Command:
    """Return the name and data in a command frame's body."""
    # RFC 23, "Formal Grammar": command-name = OCTET 1*255command-name-char, all of them letters.
    size = body[0] if body else 0
    name = bytes(body[1 : 1 + size])
    if not size or len(name) < size or not name.isalpha():
        raise _bad_command("command has no valid name")
    return Command(name, bytes(body[1 + size :]))


def parse_error(data: bytes) -> str:
    """Return the reason in an ERROR command, with unprintable characters replaced by "?"."""
    # RFC 23, "The NULL Security Mechanism": one octet of length, then the reason.
    if not data or data[0] > len(data) - 1:
        raise _bad_command("ERROR command is truncated")
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "?" for octet in data[1 : 1 + data[0]])


def parse_ping(data: bytes) -> Ping:
    # RFC 37, "Connection Heartbeating": two octets of time-to-live in tenths of a second, then the context.
    if len(data) < 2:
        raise _bad_command("PING command has no time-to-live")
    return Ping(int.from_bytes(data[:2], "big") / TTL_PER_SECOND, _checked_context(data[2:], "PING"))


def parse_pong(data: bytes) -> bytes:
    return _checked_context(data, "PONG")


def _checked_context(context: bytes, name: str) -> bytes:
    # RFC 37, "Connection Heartbeating": the context must not exceed 16 octets.
    if len(context) > LARGEST_CONTEXT:
        raise _bad_command(f"{name} command's context is {len(context)} bytes, over {LARGEST_CONTEXT}")
    return context


def _bad_command(fault: str) -> ZmtpPeerError:
    return ZmtpPeerError(
        "bad_command",
        f"The peer's {fault}.",
        "The program at the other end violates ZMTP: update or replace it.",
    )
