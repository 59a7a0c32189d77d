"""`Transport` moves a session's bytes over a non-blocking socket."""

from __future__ import annotations

import contextlib
import select
import socket
from collections import deque
from typing import Deque, Optional

from gramarye_plugin.session import ConnectionState, Session
from gramarye_protocol.connection import ConnectionInfo

_READ_SIZE = 1 << 18
_MAX_READS = 64
"""Largest number of reads in one poll (16 MiB)."""


class Transport:
    """Connects a session to a daemon; may be opened again after it was closed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._socket: Optional[socket.socket] = None
        self._is_open = False
        self._output: Deque[memoryview] = deque()
        self.was_connection_refused = False
        """Whether the last connection attempt was refused."""

    def open(self, info: ConnectionInfo) -> None:
        """Begin to connect."""
        self.close()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.connect_ex(("127.0.0.1", info.port))  # the result is known once the socket is writable
        self._session.connect(info)

    def close(self, reason: str = "") -> None:
        """Close the socket and tell the session, with ``reason``."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._is_open, self.was_connection_refused = None, False, False
        self._output.clear()
        self._session.disconnected(reason)

    def poll(self, timeout: float) -> None:
        """Send and receive what is possible, waiting at most ``timeout`` seconds."""
        if self._socket is None:
            return
        self._queue_output()
        writing = [self._socket] if self._output or not self._is_open else []
        try:
            readable, writable, broken = select.select([self._socket], writing, [self._socket], timeout)
            if not self._is_open and (writable or broken):
                self._finish_connect()
            if self._is_open and writable:
                self._send()
            if self._is_open and readable:
                self._receive()
        except OSError:
            self.close("The connection to the daemon broke.")
        if (
            self._session.connection_state is ConnectionState.DISCONNECTED and self._socket is not None
        ):  # the session closed itself
            self._socket.close()
            self._socket = None

    def _finish_connect(self) -> None:
        assert self._socket is not None
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.close("The daemon is not running.")
            self.was_connection_refused = True
        else:
            self._is_open = True

    def _queue_output(self) -> None:
        self._output.extend(memoryview(chunk).cast("B") for chunk in self._session.data_to_send() if len(chunk))

    def _send(self) -> None:
        assert self._socket is not None
        with contextlib.suppress(BlockingIOError):
            while self._output:
                sent = self._socket.send(self._output[0])
                if sent < len(self._output[0]):
                    self._output[0] = self._output[0][sent:]
                else:
                    self._output.popleft()

    def _receive(self) -> None:
        for _ in range(_MAX_READS):
            if self._socket is None:  # closed while the session handled the data
                return
            try:
                data = self._socket.recv(_READ_SIZE)
            except BlockingIOError:
                return
            if not data:
                self.close("The daemon has ended.")
                return
            self._session.receive(data)
