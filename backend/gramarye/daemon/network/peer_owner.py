"""Whose a connection over loopback is, as Linux tells it (proc(5), /proc/net/tcp)."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

Address = tuple[str, int]

_MAPPED = "0000000000000000FFFF0000"
"""Before an IPv4 address in /proc/net/tcp6, on a little-endian machine (RFC 4291, 2.5.5.2)."""


def peer_uid(remote: Address, local: Address) -> int | None:
    """The user id of the process whose end of the connection is ``remote``; None where that cannot be known."""
    ends = _hexadecimal(remote), _hexadecimal(local)
    for table, prefix in ((Path("/proc/net/tcp"), ""), (Path("/proc/net/tcp6"), _MAPPED)):
        try:
            with table.open(encoding="ascii") as rows:
                for row in rows:
                    fields = row.split()
                    if fields[1:3] == [prefix + ends[0], prefix + ends[1]]:
                        return int(fields[7])
        except (OSError, ValueError, IndexError):  # not Linux, or closed to us
            continue
    return None


def _hexadecimal(address: Address) -> str:
    host, port = address
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"
