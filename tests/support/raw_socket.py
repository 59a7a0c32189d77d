"""Raw ZMTP bytes on a TCP socket, as an unknown or broken peer might send them."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterable
from contextlib import suppress

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL".ljust(55, b"\0")
"""ZMTP 3.0, NULL mechanism (RFC 23)."""


def ready(**properties: bytes) -> bytes:
    """Return the READY command of a DEALER with additional properties (``User_Id`` stands for ``User-Id``)."""
    named = {"Socket-Type": b"DEALER", **{name.replace("_", "-"): value for name, value in properties.items()}}
    body = b"\x05READY" + b"".join(
        bytes([len(name)]) + name.encode("ascii") + struct.pack(">I", len(value)) + value
        for name, value in named.items()
    )
    return (b"\x04" + bytes([len(body)]) if len(body) < 256 else b"\x06" + struct.pack(">Q", len(body))) + body


def frame(data: bytes, more: bool) -> bytes:
    """Return one frame of a message."""
    if len(data) < 256:
        return bytes([int(more), len(data)]) + data
    return bytes([2 | int(more)]) + struct.pack(">Q", len(data)) + data


def message(frames: Iterable[bytes]) -> bytes:
    """Return a multipart message."""
    parts = list(frames)
    return b"".join(frame(part, number < len(parts) - 1) for number, part in enumerate(parts))


def connect_raw(port: int, hello: bytes | None = None) -> socket.socket:
    """Connect and send greeting and `ready`, or ``hello`` instead; wait for the peer's READY at most two seconds."""
    raw = socket.create_connection(("127.0.0.1", port), timeout=10)
    with suppress(ConnectionError):  # closed by the peer during the handshake
        raw.sendall(GREETING)
        raw.sendall(ready() if hello is None else hello)
    wait_for_bytes(raw, b"READY", within=2.0)
    return raw


def wait_for_bytes(raw: socket.socket, word: bytes, within: float = 10.0) -> bool:
    """Return whether the peer sends ``word`` before it closes the connection, ``within`` seconds."""
    deadline, received = time.monotonic() + within, b""
    raw.settimeout(0.2)
    while word not in received and time.monotonic() < deadline:
        try:
            data = raw.recv(1 << 16)
        except TimeoutError:
            continue
        except OSError:
            return False
        if not data:
            return False
        received += data
    return word in received


def wait_for_close(raw: socket.socket, within: float = 10.0) -> bool:
    """Return whether the peer closes the connection ``within`` seconds."""
    deadline = time.monotonic() + within
    raw.settimeout(0.2)
    while time.monotonic() < deadline:
        try:
            if not raw.recv(1 << 16):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False
