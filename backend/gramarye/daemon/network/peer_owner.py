"""The user who owns the other end of a loopback connection, on Linux (proc(5), /proc/net/tcp)."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

Address = tuple[str, int]

_MAPPED = "0000000000000000FFFF0000"
"""Prefix of an IPv4-mapped address in /proc/net/tcp6 on a little-endian machine (RFC 4291, section 2.5.5.2)."""


def peer_uid(remote: Address, local: Address) -> int | None:
    """Return the user id of the process whose end of the connection is ``remote``; None if it is unknown."""
    ends = _hexadecimal(remote), _hexadecimal(local)
    for table, prefix in ((Path("/proc/net/tcp"), ""), (Path("/proc/net/tcp6"), _MAPPED)):
        try:
            with table.open(encoding="ascii") as rows:
                for row in rows:
                    fields = row.split()
                    if fields[1:3] == [prefix + ends[0], prefix + ends[1]]:
                        return int(fields[7])
        except (OSError, ValueError, IndexError):  # not Linux, or not readable
            continue
    return None


def _hexadecimal(address: Address) -> str:
    host, port = address
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"
