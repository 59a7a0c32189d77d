"""The plugin's standing with the daemon: away, greeting or ready; requests with their answers; events."""

from __future__ import annotations

import enum
import time
import uuid
from typing import Callable, Dict, List, Optional

from gramarye_protocol import PROTOCOL_MAJOR
from gramarye_protocol.connection import ConnectionInfo
from gramarye_protocol.frames import Envelope
from gramarye_protocol.messages import Event, Hello, Message, Refused, Welcome
from gramarye_protocol.zmtp import BytesLike

from .wire import ConnectionLost, Wire, WireEvent

AnswerCallback = Callable[[Message], None]
"""Told of a request's answer, once: the reply, or a `Refused`."""

HELLO_TIMEOUT = 10.0
"""Seconds that a daemon may take to greet: one that cannot read what it is sent does not answer."""

DAEMON_LOST = Refused("daemon-lost", "The daemon has gone.", "Start it again; jobs that it had taken are kept.")


class ConnectionState(enum.Enum):
    """How things are with the daemon."""

    DISCONNECTED = "away"
    CONNECTING = "greeting"
    READY = "ready"


class Session:
    """Talks to one daemon after another: connections come and go, the session stays.

    The owner opens a transport to the port of `connect`'s daemon, writes what `data_to_send` returns, hands in what it
    reads, and calls `tick` every second. ``changed`` is called after each change of `connection_state`, ``on_event`` for every
    event of a job.
    """

    def __init__(
        self,
        client: str,
        changed: Callable[[], None],
        on_event: Callable[[Event], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._changed = changed
        self._on_event = on_event
        self._clock = clock
        self._info: Optional[ConnectionInfo] = None
        self._wire: Optional[Wire] = None
        self._pending: Dict[str, AnswerCallback] = {}
        self._hello_deadline: Optional[float] = None
        self.connection_state = ConnectionState.DISCONNECTED
        self.welcome: Optional[Welcome] = None
        """The last daemon's: presets, options, the largest message."""
        self.reason = ""
        """Why the last connection ended, in words."""
        self.unreachable: Optional[ConnectionInfo] = None
        """A daemon that was announced, but did not greet: it left its file behind, or is somebody else's."""

    def connect(self, info: ConnectionInfo) -> None:
        """Begin anew with this daemon, whose transport is being opened."""
        self.disconnected("")
        self._info, self._wire, self._hello_deadline = info, Wire(info), None
        self._set_state(ConnectionState.CONNECTING)
        self._send(Hello((PROTOCOL_MAJOR,), self._client), self._hello_answered)

    @property
    def is_connected(self) -> bool:
        """Whether a transport is open, or being opened."""
        return self._wire is not None

    def request(self, message: Message, on_answer: AnswerCallback) -> None:
        """Send a request; away from the daemon the answer is `DAEMON_LOST` at once."""
        if self.connection_state is not ConnectionState.READY:
            on_answer(DAEMON_LOST)
            return
        self._send(message, on_answer)

    def data_to_send(self) -> List[BytesLike]:
        """The chunks to write now, in order."""
        return self._wire.data_to_send() if self._wire else []

    def receive(self, data: BytesLike) -> None:
        """Take in what was read."""
        if self._wire:
            self._handle_wire_events(self._wire.receive(data, self._clock()))

    def tick(self, monotonic: float) -> None:
        """Heartbeats, and the end of patience. ``monotonic`` is in seconds on a clock that never runs backwards."""
        if self._wire:
            self._handle_wire_events(self._wire.tick(monotonic))
        if self.connection_state is ConnectionState.CONNECTING:
            self._hello_deadline = self._hello_deadline or monotonic + HELLO_TIMEOUT
            if monotonic > self._hello_deadline:
                self.disconnected("The daemon does not answer. End its process and start it again.")

    def disconnected(self, reason: str) -> None:
        """The transport is closed, or could not be opened. Every open request is answered by `DAEMON_LOST`."""
        if self._wire is None:
            return
        if self.connection_state is ConnectionState.CONNECTING and reason:
            self.unreachable = self._info
        self._wire, self.reason = None, reason
        answers, self._pending = self._pending, {}
        self._set_state(ConnectionState.DISCONNECTED)
        for on_answer in answers.values():
            on_answer(DAEMON_LOST)

    def _send(self, message: Message, on_answer: AnswerCallback) -> None:
        assert self._wire is not None, "only away is there none"
        request = uuid.uuid4().hex
        self._pending[request] = on_answer
        self._wire.send(message, self._clock(), request)

    def _handle_wire_events(self, events: List[WireEvent]) -> None:
        for event in events:
            if isinstance(event, ConnectionLost):
                self.disconnected(event.reason)
                return
            if isinstance(event, Envelope):
                self._handle_envelope(event)

    def _handle_envelope(self, envelope: Envelope) -> None:
        message = envelope.message
        if isinstance(message, Event):
            self._on_event(message)
            return
        on_answer = self._pending.pop(envelope.reply_to, None)
        if on_answer is not None:
            on_answer(message)
        elif isinstance(message, Refused) and not envelope.reply_to:
            self.disconnected(f"{message.message} {message.hint}".strip())  # it could not even read which request

    def _hello_answered(self, answer: Message) -> None:
        if isinstance(answer, Welcome):
            self.welcome, self.unreachable = answer, None
            self._set_state(ConnectionState.READY)
        elif isinstance(answer, Refused) and answer is not DAEMON_LOST:
            self.disconnected(f"{answer.message} {answer.hint}".strip())

    def _set_state(self, connection_state: ConnectionState) -> None:
        if connection_state is not self.connection_state:
            self.connection_state = connection_state
            self._changed()
