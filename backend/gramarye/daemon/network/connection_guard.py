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
from .peer_owner import Address, owner_of

log = logging.getLogger(__name__)

MOST_LOCAL = 256
"""Connections over loopback."""

MOST_REMOTE = 128
"""Connections from other machines, those that are still to prove themselves among them."""

MOST_OF_ONE = 16
"""Of these, from one address."""

_LOOK_EVERY = 0.1
"""Seconds between looks at the memory."""

_SETTLE = 1.0
"""Seconds that libzmq gets to give back what a closed connection held."""


class Doorman:
    """Watches the connections of a bound socket; ``port`` is the one on loopback, where CURVE does not guard.

    ``most_memory`` is what this process may take, in bytes.
    """

    def __init__(self, router: zmq.asyncio.Socket, port: int, most_memory: int) -> None:
        self._router = router
        self._port = port
        self._monitor: Any = router.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
        self._most_memory = most_memory
        self._lines: dict[int, str] = {}
        self._taken: dict[int, int] = {}

    async def watch(self) -> None:
        """Do so for ever."""
        while True:
            told = await recv_monitor_message(self._monitor)
            line = int(told["value"])
            if told["event"] == zmq.EVENT_DISCONNECTED:
                self._lines.pop(line, None)
                self._taken.pop(line, None)
            elif told["event"] == zmq.EVENT_ACCEPTED:
                self._accepted(line)

    async def watch_memory(self) -> None:
        """Do so for ever."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            if memory_guard.resident() > self._most_memory and (line := memory_guard.worst(self._taken)) is not None:
                log.warning("the memory is full: the connection that sends most was closed")
                hang_up(line)
                await asyncio.sleep(_SETTLE)

    def took(self, line: int, nbytes: int) -> None:
        """Told that a message of so many bytes has come of a connection."""
        if line in self._taken:
            self._taken[line] += nbytes

    def close(self) -> None:
        """Watch no more."""
        self._router.disable_monitor()
        self._monitor.close(0)

    def _accepted(self, line: int) -> None:
        ends = _ends(line)
        if ends is None:  # it has gone already
            return
        there, here = ends
        is_local = here[1] == self._port
        self._lines[line] = "" if is_local else there[0]
        self._taken[line] = 0
        if is_local and self._is_strangers(there, here):
            log.warning("a connection by another user of this machine was closed")
            hang_up(line)
        elif self._is_full(self._lines[line]):
            log.warning("too many connections: one more %s was closed", "over loopback" if is_local else there[0])
            hang_up(line)

    def _is_strangers(self, there: Address, here: Address) -> bool:
        """Root may come: it can read the key anyway, and forwards the ports of containers."""
        if sys.platform == "win32":
            return False
        return owner_of(there, here) not in (None, 0, os.getuid())

    def _is_full(self, where: str) -> bool:
        counts = Counter(self._lines.values())
        if not where:
            return counts[""] > MOST_LOCAL
        return counts[where] > MOST_OF_ONE or counts.total() - counts[""] > MOST_REMOTE


def hang_up(line: int) -> None:
    """Close a client's connection; libzmq, which has no call for that, finds it closed. Nothing where it has gone."""
    with contextlib.suppress(OSError), socket.fromfd(line, socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.shutdown(socket.SHUT_RDWR)


def _ends(line: int) -> tuple[Address, Address] | None:
    """Their address and ours."""
    try:
        with socket.fromfd(line, socket.AF_INET, socket.SOCK_STREAM) as connection:
            there, here = connection.getpeername(), connection.getsockname()
    except OSError:
        return None
    if not isinstance(there, tuple):  # the descriptor has gone to another kind of socket
        return None
    return (str(there[0]), int(there[1])), (str(here[0]), int(here[1]))
