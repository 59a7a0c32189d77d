"""Closes connections of other local users, connections beyond the limits, and those that fill the memory."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections import Counter
from typing import Any

import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from . import memory_guard
from .peer_owner import Address, peer_uid

log = logging.getLogger(__name__)

MAX_LOCAL = 256
"""Limit on connections over loopback."""

MAX_REMOTE = 128
"""Limit on connections from other machines, including those not yet authenticated."""

MAX_PER_HOST = 16
"""Limit on connections from one other machine."""

_CHECK_INTERVAL = 0.1
"""Seconds between checks of the memory."""

_RECLAIM_DELAY = 1.0
"""Seconds that libzmq gets to free the memory of a closed connection."""


class ConnectionGuard:
    """Watches the connections of a bound socket.

    ``port`` is the loopback port, which has no CURVE authentication. ``max_memory`` is the limit on this process's
    resident memory, in bytes.
    """

    def __init__(self, router: zmq.asyncio.Socket, port: int, max_memory: int) -> None:
        self._router = router
        self._port = port
        self._monitor: Any = router.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
        self._max_memory = max_memory
        self._hosts_by_fd: dict[int, str] = {}
        self._bytes_read: dict[int, int] = {}

    async def watch(self) -> None:
        """Check every new connection; runs until cancelled."""
        while True:
            message = await recv_monitor_message(self._monitor)
            fd = int(message["value"])
            if message["event"] == zmq.EVENT_DISCONNECTED:
                self._hosts_by_fd.pop(fd, None)
                self._bytes_read.pop(fd, None)
            elif message["event"] == zmq.EVENT_ACCEPTED:
                self._accepted(fd)

    async def watch_memory(self) -> None:
        """Close the connection with the most data in flight when memory is full; runs until cancelled."""
        while True:
            await asyncio.sleep(_CHECK_INTERVAL)
            if (
                memory_guard.resident_bytes() > self._max_memory
                and (fd := memory_guard.largest_in_flight(self._bytes_read)) is not None
            ):
                log.warning("the memory is full: the connection with the most unfinished data was closed")
                close_connection(fd)
                await asyncio.sleep(_RECLAIM_DELAY)

    def add_received(self, fd: int, nbytes: int) -> None:
        """Count ``nbytes`` of complete messages that were received from a connection."""
        if fd in self._bytes_read:
            self._bytes_read[fd] += nbytes

    def close(self) -> None:
        """Close the monitor of the socket."""
        self._router.disable_monitor()
        self._monitor.close(0)

    def _accepted(self, fd: int) -> None:
        endpoints = _endpoints(fd)
        if endpoints is None:  # already disconnected
            return
        remote, local = endpoints
        is_local = local[1] == self._port
        self._hosts_by_fd[fd] = "" if is_local else remote[0]
        self._bytes_read[fd] = 0
        if is_local and self._is_other_user(remote, local):
            log.warning("a connection by another user of this machine was closed")
            close_connection(fd)
        elif self._is_full(self._hosts_by_fd[fd]):
            log.warning("too many connections: one more %s was closed", "over loopback" if is_local else remote[0])
            close_connection(fd)

    def _is_other_user(self, remote: Address, local: Address) -> bool:
        """Return whether the peer runs as another user; root is allowed, as it can read the key and forwards ports."""
        if sys.platform == "win32":
            return False
        return peer_uid(remote, local) not in (None, 0, os.getuid())

    def _is_full(self, host: str) -> bool:
        """Return whether the connections of ``host`` ("" for loopback) exceed a limit."""
        counts = Counter(self._hosts_by_fd.values())
        if not host:
            return counts[""] > MAX_LOCAL
        return counts[host] > MAX_PER_HOST or counts.total() - counts[""] > MAX_REMOTE


def close_connection(fd: int) -> None:
    """Shut down a client's connection; does nothing if it is closed. libzmq, which has no call for it, notices."""
    with contextlib.suppress(OSError), socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.shutdown(socket.SHUT_RDWR)


def _endpoints(fd: int) -> tuple[Address, Address] | None:
    """Return the peer's address and ours; None if the connection is closed."""
    try:
        with socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as connection:
            remote, local = connection.getpeername(), connection.getsockname()
    except OSError:
        return None
    if not isinstance(remote, tuple):  # the descriptor now belongs to another kind of socket
        return None
    return (str(remote[0]), int(remote[1])), (str(local[0]), int(local[1]))
