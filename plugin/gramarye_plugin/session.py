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

from .wire import Lost, Wire, WireEvent

Answered = Callable[[Message], None]
"""Told of a request's answer, once: the reply, or a `Refused`."""

GREET_WITHIN = 10.0
"""Seconds that a daemon may take to greet: one that cannot read what it is sent does not answer."""

LOST = Refused("daemon-lost", "The daemon has gone.", "Start it again; jobs that it had taken are kept.")


class Standing(enum.Enum):
    """How things are with the daemon."""

    AWAY = "away"
    GREETING = "greeting"
    READY = "ready"


class Session:
    """Talks to one daemon after another: connections come and go, the session stays.

    The owner opens a transport to the port of `connect`'s daemon, writes what `data_to_send` returns, hands in what it
    reads, and calls `tick` every second. ``changed`` is called after each change of `standing`, ``happened`` for every
    event of a job.
    """

    def __init__(
        self,
        client: str,
        changed: Callable[[], None],
        happened: Callable[[Event], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._changed = changed
        self._happened = happened
        self._clock = clock
        self._info: Optional[ConnectionInfo] = None
        self._wire: Optional[Wire] = None
        self._answers: Dict[str, Answered] = {}
        self._greet_by: Optional[float] = None
        self.standing = Standing.AWAY
        self.welcome: Optional[Welcome] = None
        """The last daemon's: presets, options, the largest message."""
        self.reason = ""
        """Why the last connection ended, in words."""
        self.unreachable: Optional[ConnectionInfo] = None
        """A daemon that was announced, but did not greet: it left its file behind, or is somebody else's."""

    def connect(self, info: ConnectionInfo) -> None:
        """Begin anew with this daemon, whose transport is being opened."""
        self.disconnected("")
        self._info, self._wire, self._greet_by = info, Wire(info), None
        self._stand(Standing.GREETING)
        self._send(Hello((PROTOCOL_MAJOR,), self._client), self._greeted)

    @property
    def is_connected(self) -> bool:
        """Whether a transport is open, or being opened."""
        return self._wire is not None

    def request(self, message: Message, answered: Answered) -> None:
        """Send a request; away from the daemon the answer is `LOST` at once."""
        if self.standing is not Standing.READY:
            answered(LOST)
            return
        self._send(message, answered)

    def data_to_send(self) -> List[BytesLike]:
        """The chunks to write now, in order."""
        return self._wire.data_to_send() if self._wire else []

    def receive(self, data: BytesLike) -> None:
        """Take in what was read."""
        if self._wire:
            self._take(self._wire.receive(data, self._clock()))

    def tick(self, monotonic: float) -> None:
        """Heartbeats, and the end of patience. ``monotonic`` is in seconds on a clock that never runs backwards."""
        if self._wire:
            self._take(self._wire.tick(monotonic))
        if self.standing is Standing.GREETING:
            self._greet_by = self._greet_by or monotonic + GREET_WITHIN
            if monotonic > self._greet_by:
                self.disconnected("The daemon does not answer. End its process and start it again.")

    def disconnected(self, reason: str) -> None:
        """The transport is closed, or could not be opened. Every open request is answered by `LOST`."""
        if self._wire is None:
            return
        if self.standing is Standing.GREETING and reason:
            self.unreachable = self._info
        self._wire, self.reason = None, reason
        answers, self._answers = self._answers, {}
        self._stand(Standing.AWAY)
        for answered in answers.values():
            answered(LOST)

    def _send(self, message: Message, answered: Answered) -> None:
        assert self._wire is not None, "only away is there none"
        request = uuid.uuid4().hex
        self._answers[request] = answered
        self._wire.send(message, self._clock(), request)

    def _take(self, events: List[WireEvent]) -> None:
        for event in events:
            if isinstance(event, Lost):
                self.disconnected(event.reason)
                return
            if isinstance(event, Envelope):
                self._read(event)

    def _read(self, envelope: Envelope) -> None:
        message = envelope.message
        if isinstance(message, Event):
            self._happened(message)
            return
        answered = self._answers.pop(envelope.reply_to, None)
        if answered is not None:
            answered(message)
        elif isinstance(message, Refused) and not envelope.reply_to:
            self.disconnected(f"{message.message} {message.hint}".strip())  # it could not even read which request

    def _greeted(self, answer: Message) -> None:
        if isinstance(answer, Welcome):
            self.welcome, self.unreachable = answer, None
            self._stand(Standing.READY)
        elif isinstance(answer, Refused) and answer is not LOST:
            self.disconnected(f"{answer.message} {answer.hint}".strip())

    def _stand(self, standing: Standing) -> None:
        if standing is not self.standing:
            self.standing = standing
            self._changed()
