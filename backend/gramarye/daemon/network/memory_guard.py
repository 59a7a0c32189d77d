"""Messages that never end: libzmq holds every part of one until the last has come, however many there are.

Where the daemon's memory grows beyond a bound, the connection that has sent most of what no message has come of yet is
closed. Linux alone tells how much a connection has sent.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

MAX_MEMORY = 8 << 30
"""Bytes of the front process; half of the machine's memory, where that is less."""

_MIN_IN_FLIGHT = 16 << 20
"""Bytes in flight below which a connection is not to blame."""

_BYTES_RECEIVED_OFFSET = 128
"""Where tcpi_bytes_received, 8 bytes, is in Linux's struct tcp_info (linux/tcp.h)."""


def memory_limit() -> int:
    """Bytes of memory that the front process may take."""
    if sys.platform != "linux":
        return MAX_MEMORY
    return min(MAX_MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)


def resident_bytes() -> int:
    """Bytes of memory that this process takes now; 0 where the system does not tell so."""
    if sys.platform != "linux":
        return 0
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def largest_in_flight(bytes_read: Mapping[int, int]) -> int | None:
    """The connection with the most in flight, by descriptor, or None; ``bytes_read`` is what was read of each, in bytes."""
    in_flight = {fd: received_bytes(fd) - read for fd, read in bytes_read.items()}
    fd = max(in_flight, key=lambda fd: in_flight[fd], default=None)
    return None if fd is None or in_flight[fd] < _MIN_IN_FLIGHT else fd


def received_bytes(fd: int) -> int:
    """Bytes that a connection has sent to us; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    try:
        with socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as connection:
            told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_RECEIVED_OFFSET + 8)
    except OSError:
        return 0
    return (
        int(struct.unpack_from("=Q", told, _BYTES_RECEIVED_OFFSET)[0]) if len(told) >= _BYTES_RECEIVED_OFFSET + 8 else 0
    )
