"""Signed messages over one connection to the daemon, without I/O: converts between bytes and messages."""

from __future__ import annotations

from collections import deque
from typing import Deque, List, NamedTuple, Union

from gramarye_protocol.connection import ConnectionInfo
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import CLIENT, DAEMON, Envelope, Opener, seal
from gramarye_protocol.messages import Message
from gramarye_protocol.zmtp import BytesLike, Closed, Heartbeat, MessageReceived, Ready, ZmtpConnection
from gramarye_protocol.zmtp import Event as ZmtpEvent

MAX_MESSAGE_AGE = 600.0
"""Greatest accepted age of a message in seconds: after the computer has slept, a job's result is still wanted."""

HEARTBEAT = Heartbeat(interval=5.0, timeout=60.0)


class Opened(NamedTuple):
    """The connection is open; messages are sent from now on."""


class ConnectionLost(NamedTuple):
    """The connection is over."""

    reason: str


WireEvent = Union[Opened, Envelope, ConnectionLost]


class Wire:
    """Messages of one connection. Not reusable after `ConnectionLost`.

    Write what `data_to_send` returns after every call. Messages sent before `Opened` are queued until then.
    """

    def __init__(self, info: ConnectionInfo) -> None:
        self._key = info.key_bytes
        self._opener = Opener(self._key, DAEMON, window=MAX_MESSAGE_AGE)
        self._zmtp = ZmtpConnection(heartbeat=HEARTBEAT)
        self._is_open = False
        self._waiting: Deque[List[BytesLike]] = deque()
        self._output: List[BytesLike] = []

    def data_to_send(self) -> List[BytesLike]:
        """Return the chunks to write now, in order, and forget them."""
        output, self._output = self._output + self._zmtp.data_to_send(), []
        return output

    def send(self, message: Message, now: float, message_id: str) -> None:
        """Sign a message at ``now`` (seconds since the epoch) and send or queue it."""
        frames = seal(message, self._key, CLIENT, now, message_id=message_id)
        if self._is_open:
            self._output += self._zmtp.send(frames)
        else:
            self._waiting.append(frames)

    def receive(self, data: BytesLike, now: float) -> List[WireEvent]:
        """Parse bytes read at ``now`` (seconds since the epoch). Messages that fail their checks are dropped."""
        return self._translate_events(self._zmtp.receive(data), now)

    def tick(self, monotonic: float) -> List[WireEvent]:
        """Send and check heartbeats; call it about every second."""
        return self._translate_events(self._zmtp.tick(monotonic), 0.0)

    def _translate_events(self, events: List[ZmtpEvent], now: float) -> List[WireEvent]:
        read: List[WireEvent] = []
        for event in events:
            if isinstance(event, Ready):
                self._is_open = True
                while self._waiting:
                    self._output += self._zmtp.send(self._waiting.popleft())
                read.append(Opened())
            elif isinstance(event, MessageReceived):
                try:
                    read.append(self._opener.open(event.frames, now))
                except ProtocolError as error:
                    if error.code == "version-unsupported":
                        read.append(ConnectionLost(f"{error.message} {error.hint}"))
            elif isinstance(event, Closed):
                read.append(ConnectionLost(str(event.error) if event.error else "The daemon has ended."))
        return read
