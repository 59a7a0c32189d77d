"""Encodes frames into bytes (RFC 23, "Framing")."""

from __future__ import annotations

from typing import Sequence

from .buffers import BytesLike, as_octets
from .errors import ZmtpLocalError
from .reader import COMMAND, LONG, MORE

_LARGEST_SHORT = 255
# Below this size, in bytes, copying a body next to its header is cheaper than a separate write.
_JOIN_BELOW = 4096


def encode_header(flags: int, size: int) -> bytes:
    """Return a frame's flags and size. RFC 23: bodies up to 255 octets should be short frames, longer ones long."""
    if size <= _LARGEST_SHORT:
        return bytes([flags, size])
    return bytes([flags | LONG]) + size.to_bytes(8, "big")


def encode_command(name: bytes, data: bytes) -> bytes:
    """Return a command frame: length of the name, name, data (RFC 23, "Formal Grammar")."""
    body = bytes([len(name)]) + name + data
    return encode_header(COMMAND, len(body)) + body


def encode_message(frames: Sequence[BytesLike]) -> list[BytesLike]:
    """Return the chunks to write, in order, for a message of at least one frame.

    Small bodies are joined to the adjacent headers. A large body is a view of the caller's memory, which must stay
    unchanged until it is written.

    Raises ``ZmtpLocalError`` (``empty_message``, ``bad_buffer``) before anything is encoded, so that a message is sent
    whole or not at all (RFC 23, "Messages").
    """
    if isinstance(frames, (bytes, bytearray, memoryview, str)):
        raise ZmtpLocalError(
            "bad_buffer", "A message is a sequence of frames, not one buffer.", "Put the frame into a list."
        )
    bodies = [as_octets(frame) for frame in frames]
    if not bodies:
        # RFC 23, "Formal Grammar": a message is one or more frames.
        raise ZmtpLocalError("empty_message", "A message has no frames.", "Send at least one, even if empty.")
    chunks: list[BytesLike] = []
    joined = bytearray()
    for index, body in enumerate(bodies):
        joined += encode_header(MORE if index < len(bodies) - 1 else 0, len(body))
        if len(body) < _JOIN_BELOW:
            joined += body
        else:
            chunks += [joined, body]
            joined = bytearray()
    if joined:
        chunks.append(joined)
    return chunks
