"""Moves a session's bytes over a Qt socket on Krita's event loop, without blocking."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, Callable, Deque

from gramarye_plugin.session import Session
from gramarye_protocol.connection import ConnectionInfo

from ..qt import QAbstractSocket, QObject, QTcpSocket, QTimer

CHUNK = 1 << 20
"""Bytes written to or read from the socket at a time."""

READ_AHEAD = 8 * CHUNK
TICK_MS = 1000
FINISH_SECONDS, FINISH_POLL_MS = 1.0, 100


class Transport(QObject):
    """Opens connections for a session.

    ``ticked`` is called every second with the monotonic time, ``all_sent`` when all data has been given to the system.
    """

    def __init__(self, session: Session, ticked: Callable[[float], None], all_sent: Callable[[], None]) -> None:
        super().__init__()
        self._session = session
        self._ticked = ticked
        self._all_sent = all_sent
        self._socket: Any = None  # a QTcpSocket, or None
        self._outgoing: Deque[memoryview] = deque()
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        self._clock.start(TICK_MS)

    def open(self, info: ConnectionInfo) -> None:
        """Connect to a daemon; the session is told the outcome."""
        self.close("")
        socket = QTcpSocket(self)
        socket.setReadBufferSize(READ_AHEAD)
        socket.setSocketOption(QAbstractSocket.SocketOption.LowDelayOption, 1)
        socket.connected.connect(self.flush)
        socket.readyRead.connect(self._read)
        socket.bytesWritten.connect(self._written)
        socket.disconnected.connect(lambda: self._connection_ended(socket, "The daemon has ended."))
        # disconnected is not emitted if the connection was never established
        failed = socket.errorOccurred if hasattr(socket, "errorOccurred") else socket.error
        failed.connect(lambda _error: self._connection_ended(socket, "The daemon cannot be reached."))
        self._socket = socket
        self._session.connect(info)
        socket.connectToHost("127.0.0.1", info.port)

    def close(self, reason: str) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._connection_ended(self._socket, reason)

    def flush(self) -> None:
        """Send the session's pending data."""
        for chunk in self._session.data_to_send():
            view = memoryview(chunk).cast("B")
            self._outgoing.extend(view[start : start + CHUNK] for start in range(0, len(view), CHUNK))
        self._write()

    def finish(self) -> None:
        """Send all pending data, before Krita exits and no event is handled any more; blocks for a second at most."""
        self.flush()
        deadline = time.monotonic() + FINISH_SECONDS
        while self._socket is not None and time.monotonic() < deadline:
            if not self._outgoing and not self._socket.bytesToWrite():
                return
            self._socket.waitForBytesWritten(FINISH_POLL_MS)
            self._write()

    def _written(self, _count: int) -> None:
        self._write()
        if self._socket is not None and not self._outgoing and not self._socket.bytesToWrite():
            self._all_sent()

    def _write(self) -> None:
        socket = self._socket
        if socket is None or socket.state() != QAbstractSocket.SocketState.ConnectedState:
            return
        while self._outgoing and socket.bytesToWrite() < CHUNK:
            socket.write(bytes(self._outgoing.popleft()))

    def _read(self) -> None:
        socket = self._socket
        if socket is None:
            return
        data = bytes(socket.read(CHUNK))
        if data:
            self._session.receive(data)
            self.flush()
        if self._socket is socket and socket.bytesAvailable():
            QTimer.singleShot(0, self._read)  # let the user interface run first

    def _tick(self) -> None:
        now = time.monotonic()
        self._session.tick(now)
        self._ticked(now)
        self.flush()
        if self._socket is not None and not self._session.is_connected:
            self.close("")  # the session has dropped the connection

    def _connection_ended(self, socket: QTcpSocket, reason: str) -> None:
        if socket is not self._socket:
            return
        self._socket = None
        self._outgoing.clear()
        socket.blockSignals(True)
        socket.abort()
        socket.deleteLater()
        self._session.disconnected(reason)
