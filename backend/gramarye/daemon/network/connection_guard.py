"""Looks at every connection: other users' on this machine, too many at once, and what fills the memory are closed."""

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
"""Connections over loopback."""

MAX_REMOTE = 128
"""Connections from other machines, those that are still to prove themselves among them."""

MAX_PER_HOST = 16
"""Of these, from one address."""

_CHECK_INTERVAL = 0.1
"""Seconds between looks at the memory."""

_RECLAIM_DELAY = 1.0
"""Seconds that libzmq gets to give back what a closed connection held."""


class ConnectionGuard:
    """Watches the connections of a bound socket; ``port`` is the one on loopback, where CURVE does not guard.

    ``max_memory`` is what this process may take, in bytes.
    """

    def __init__(self, router: zmq.asyncio.Socket, port: int, max_memory: int) -> None:
        self._router = router
        self._port = port
        self._monitor: Any = router.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
        self._max_memory = max_memory
        self._hosts_by_fd: dict[int, str] = {}
        self._bytes_read: dict[int, int] = {}

    async def watch(self) -> None:
        """Do so for ever."""
        while True:
            told = await recv_monitor_message(self._monitor)
            fd = int(told["value"])
            if told["event"] == zmq.EVENT_DISCONNECTED:
                self._hosts_by_fd.pop(fd, None)
                self._bytes_read.pop(fd, None)
            elif told["event"] == zmq.EVENT_ACCEPTED:
                self._accepted(fd)

    async def watch_memory(self) -> None:
        """Do so for ever."""
        while True:
            await asyncio.sleep(_CHECK_INTERVAL)
            if (
                memory_guard.resident_bytes() > self._max_memory
                and (fd := memory_guard.largest_in_flight(self._bytes_read)) is not None
            ):
                log.warning("the memory is full: the connection that sends most was closed")
                close_connection(fd)
                await asyncio.sleep(_RECLAIM_DELAY)

    def add_received(self, fd: int, nbytes: int) -> None:
        """Told that a message of so many bytes has come of a connection."""
        if fd in self._bytes_read:
            self._bytes_read[fd] += nbytes

    def close(self) -> None:
        """Watch no more."""
        self._router.disable_monitor()
        self._monitor.close(0)

    def _accepted(self, fd: int) -> None:
        ends = _endpoints(fd)
        if ends is None:  # it has gone already
            return
        remote, local = ends
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
        """Root may come: it can read the key anyway, and forwards the ports of containers."""
        if sys.platform == "win32":
            return False
        return peer_uid(remote, local) not in (None, 0, os.getuid())

    def _is_full(self, where: str) -> bool:
        counts = Counter(self._hosts_by_fd.values())
        if not where:
            return counts[""] > MAX_LOCAL
        return counts[where] > MAX_PER_HOST or counts.total() - counts[""] > MAX_REMOTE


def close_connection(fd: int) -> None:
    """Close a client's connection; libzmq, which has no call for that, finds it closed. Nothing where it has gone."""
    with contextlib.suppress(OSError), socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.shutdown(socket.SHUT_RDWR)


def _endpoints(fd: int) -> tuple[Address, Address] | None:
    """Their address and ours."""
    try:
        with socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as connection:
            remote, local = connection.getpeername(), connection.getsockname()
    except OSError:
        return None
    if not isinstance(remote, tuple):  # the descriptor has gone to another kind of socket
        return None
    return (str(remote[0]), int(remote[1])), (str(local[0]), int(local[1]))
