"""A plugin's session with the daemon: the connection state, requests and their answers, and events."""

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
"""Called once with the answer to a request: the reply, or a `Refused`."""

HELLO_TIMEOUT = 10.0
"""Seconds to wait for `Welcome`: a daemon that cannot read our messages does not answer."""

DAEMON_LOST = Refused("daemon-lost", "The daemon cannot be reached.", "Start it again; accepted jobs are kept.")


class ConnectionState(enum.Enum):
    """State of the connection to the daemon."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    READY = "ready"


class Session:
    """A session with one daemon at a time; it outlives its connections.

    The owner opens a transport to the daemon given to `connect`, writes what `data_to_send` returns, passes what it
    reads to `receive`, and calls `tick` every second. ``changed`` is called after each change of `connection_state`,
    ``on_event`` for every event of a job.
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
        """The last daemon's greeting: presets, options, the largest message."""
        self.reason = ""
        """Sentence that says why the last connection ended."""
        self.unreachable: Optional[ConnectionInfo] = None
        """A daemon that did not answer `Hello`: its connection file is left over, or another program has the port."""

    def connect(self, info: ConnectionInfo) -> None:
        """Start a new connection to this daemon; the owner opens the transport."""
        self.disconnected("")
        self._info, self._wire, self._hello_deadline = info, Wire(info), None
        self._set_state(ConnectionState.CONNECTING)
        self._send(Hello((PROTOCOL_MAJOR,), self._client), self._hello_answered)

    @property
    def is_connected(self) -> bool:
        """Whether a transport is open or being opened."""
        return self._wire is not None

    def request(self, message: Message, on_answer: AnswerCallback) -> None:
        """Send a request; unless the session is ready, the answer is `DAEMON_LOST`, at once."""
        if self.connection_state is not ConnectionState.READY:
            on_answer(DAEMON_LOST)
            return
        self._send(message, on_answer)

    def refresh(self) -> None:
        """Ask a ready daemon for a new `welcome`: networks may have been installed since the last one."""
        if self.connection_state is ConnectionState.READY:
            self._send(Hello((PROTOCOL_MAJOR,), self._client), self._hello_answered)

    def data_to_send(self) -> List[BytesLike]:
        """Return the chunks to write now, in order."""
        return self._wire.data_to_send() if self._wire else []

    def receive(self, data: BytesLike) -> None:
        """Process bytes read from the transport."""
        if self._wire:
            self._handle_wire_events(self._wire.receive(data, self._clock()))

    def tick(self, monotonic: float) -> None:
        """Send heartbeats and check timeouts. ``monotonic`` is the time in seconds on a monotonic clock."""
        if self._wire:
            self._handle_wire_events(self._wire.tick(monotonic))
        if self.connection_state is ConnectionState.CONNECTING:
            self._hello_deadline = self._hello_deadline or monotonic + HELLO_TIMEOUT
            if monotonic > self._hello_deadline:
                self.disconnected("The daemon does not answer. End its process and start it again.")

    def disconnected(self, reason: str) -> None:
        """Handle a transport that is closed or cannot be opened: every open request is answered with `DAEMON_LOST`."""
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
        assert self._wire is not None, "there is no wire only when disconnected"
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
            self.disconnected(f"{message.message} {message.hint}".strip())  # the daemon could not read the request's id

    def _hello_answered(self, answer: Message) -> None:
        if isinstance(answer, Welcome):
            is_changed = self.connection_state is ConnectionState.READY and answer != self.welcome
            if answer != self.welcome:
                self.welcome = answer
            self.unreachable = None
            self._set_state(ConnectionState.READY)
            if is_changed:
                self._changed()
        elif isinstance(answer, Refused) and answer is not DAEMON_LOST:
            self.disconnected(f"{answer.message} {answer.hint}".strip())

    def _set_state(self, connection_state: ConnectionState) -> None:
        if connection_state is not self.connection_state:
            self.connection_state = connection_state
            self._changed()
