"""Frames into bytes (RFC 23, "Framing")."""

from __future__ import annotations

from typing import Sequence

from .buffers import BytesLike, as_octets
from .errors import ZmtpLocalError
from .reader import COMMAND, LONG, MORE

_LARGEST_SHORT = 255
# Below this, joining a body to its header costs less than a write of its own.
_JOIN_BELOW = 4096


def encode_header(flags: int, size: int) -> bytes:
    """Flags and size. RFC 23: bodies to 255 octets should be short frames, longer ones are long frames."""
    if size <= _LARGEST_SHORT:
        return bytes([flags, size])
    return bytes([flags | LONG]) + size.to_bytes(8, "big")


def encode_command(name: bytes, data: bytes) -> bytes:
    """A command frame: the name with its length before it, then the data (RFC 23, "Formal Grammar")."""
    body = bytes([len(name)]) + name + data
    return encode_header(COMMAND, len(body)) + body


def encode_message(frames: Sequence[BytesLike]) -> list[BytesLike]:
    """The chunks to write, in order, for one message of at least one frame.

    Small bodies are joined to the headers around them; a large body is a view of the caller's own memory,
    which must stay unchanged until it is written.

    Raises ``ZmtpLocalError`` (``empty_message``, ``bad_buffer``) before anything is encoded, so that a
    message goes out whole or not at all (RFC 23, "Messages").
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
