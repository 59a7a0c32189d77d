"""Finds the connection with the largest unfinished message when memory runs out.

libzmq keeps all parts of a multipart message in memory until the last one arrives, without a limit on their number. If
the front process exceeds `memory_limit`, the connection with the most bytes in flight (received by the system, but not
yet part of a complete message) is closed. Only Linux reports how many bytes a connection has sent.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

MAX_MEMORY = 8 << 30
"""Upper bound of `memory_limit`, in bytes."""

_MIN_IN_FLIGHT = 16 << 20
"""Bytes in flight below which a connection is never closed."""

_BYTES_RECEIVED_OFFSET = 128
"""Offset of tcpi_bytes_received (8 bytes) in struct tcp_info (linux/tcp.h)."""


def memory_limit() -> int:
    """Return the limit for the front process in bytes: `MAX_MEMORY`, or half of the machine's memory if less."""
    if sys.platform != "linux":
        return MAX_MEMORY
    return min(MAX_MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)


def resident_bytes() -> int:
    """Return the resident memory of this process in bytes; 0 if it is unknown."""
    if sys.platform != "linux":
        return 0
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def largest_in_flight(bytes_read: Mapping[int, int]) -> int | None:
    """Return the descriptor of the connection with the most bytes in flight; None if all are below the minimum.

    ``bytes_read`` holds, by descriptor, the bytes of complete messages.
    """
    in_flight = {fd: received_bytes(fd) - read for fd, read in bytes_read.items()}
    fd = max(in_flight, key=lambda fd: in_flight[fd], default=None)
    return None if fd is None or in_flight[fd] < _MIN_IN_FLIGHT else fd


def received_bytes(fd: int) -> int:
    """Return the bytes that a connection has sent to us; 0 if that is unknown."""
    if sys.platform != "linux":
        return 0
    try:
        with socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as connection:
            info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_RECEIVED_OFFSET + 8)
    except OSError:
        return 0
    return (
        int(struct.unpack_from("=Q", info, _BYTES_RECEIVED_OFFSET)[0]) if len(info) >= _BYTES_RECEIVED_OFFSET + 8 else 0
    )
