"""`Connection`: one connection to a daemon; sends requests, returns their replies and queues events."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Sequence
from typing import TypeVar

import zmq

from gramarye_protocol import PROTOCOL_MAJOR
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import CLIENT, DAEMON, MAX_JSON, MAX_PAYLOADS, Envelope, Opener, seal
from gramarye_protocol.messages import Event, Hello, Message, Refused, Welcome
from gramarye_protocol.pixels import Buffer

from ..access.passes import Pass
from ..errors import DaemonError
from .daemon_file import Address, host_and_port
from .event_queues import EventQueues
from .handshake import enable_curve
from .refused import error_from_refusal

Reply = TypeVar("Reply", bound=Message)

_MAX_EVENT_AGE = 600.0
"""Maximum age of a received message in seconds: a client that was suspended still needs the ending of its job."""

_PROBE_INTERVAL = 1.0
"""Seconds of silence after which the client checks that the daemon's port is open."""

_LOCAL_TIMEOUT, _REMOTE_TIMEOUT = 1.0, 5.0
"""Seconds that a TCP connection to a port on this machine, or on another one, may take."""

_RECEIVE_HWM = 8
"""Messages that libzmq buffers if the client does not read. After these, the daemon keeps only the latest preview."""


class Connection:
    """A DEALER connection with signed messages; events go to ``event_queues``. Not thread-safe."""

    def __init__(self, info: Address) -> None:
        self._info = info
        self._opener = Opener(info.key_bytes, DAEMON, window=_MAX_EVENT_AGE)
        self.event_queues = EventQueues()
        self._max_message: int | None = None
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.RCVHWM, _RECEIVE_HWM)
        self._socket.setsockopt(zmq.LINGER, 1_000)
        self._socket.setsockopt(zmq.SNDTIMEO, 1_000)
        self._socket.setsockopt(zmq.HEARTBEAT_IVL, 5_000)
        self._socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 60_000)
        self._handshake_monitor = enable_curve(self._socket, info) if isinstance(info, Pass) else None
        self._socket.connect(info.endpoint)

    def close(self) -> None:
        """Close the socket; wait up to a second for queued messages to be sent."""
        if self._handshake_monitor is not None:
            self._handshake_monitor.close()
        self._socket.close()
        self._context.term()

    def send_hello(self, client: str, timeout: float) -> Welcome:
        """Exchange hello and welcome to agree on a version. Errors: ``version-unsupported``, those of `request`."""
        welcome = self.request(Hello((PROTOCOL_MAJOR,), client), Welcome, timeout)
        self._max_message = welcome.max_message
        return welcome

    def request(self, message: Message, expected: type[Reply], timeout: float = 30.0) -> Reply:
        """Send a request and return its reply.

        Errors: the daemon's refusal, with its code (see `error_from_refusal`); ``daemon-lost``, ``daemon-silent``,
        ``daemon-locked``, ``message-too-large``, ``reply-unexpected``.
        """
        request = uuid.uuid4().hex
        frames = seal(message, self._info.key_bytes, CLIENT, time.time(), message_id=request)
        self._check_size(frames)
        self._send(frames)
        deadline = time.monotonic() + timeout
        while True:
            envelope = self._receive(deadline)
            answer = envelope.message
            # reply_to is empty if the daemon could not read the request; only one is outstanding at a time
            if isinstance(answer, Refused) and envelope.reply_to in (request, ""):
                raise error_from_refusal(answer)
            if envelope.reply_to != request:
                continue
            if not isinstance(answer, expected):
                raise DaemonError("reply-unexpected", f"The daemon answered with {answer.KIND!r}.")
            return answer

    def listen(self, deadline: float) -> bool:
        """Receive one message; return False if none arrives before ``deadline`` (monotonic clock).

        Errors: ``daemon-lost``, ``daemon-locked``.
        """
        try:
            self._receive(deadline)
        except DaemonTimeoutError:
            return False
        return True

    def _receive(self, deadline: float) -> Envelope:
        """Return the next message; events are also queued. Messages that fail a check are dropped (SPEC)."""
        while True:
            self._wait_readable(deadline)
            frames = [frame.buffer for frame in self._socket.recv_multipart(copy=False)]
            try:
                envelope = self._opener.open(frames, time.time())
            except ProtocolError as error:
                if error.code == "version-unsupported":
                    raise DaemonError(error.code, error.message, error.hint) from None
                continue
            if isinstance(envelope.message, Event):
                self.event_queues.put(envelope.message)
            return envelope

    def _send(self, frames: Sequence[Buffer]) -> None:
        """Send a message. Errors: ``daemon-locked``, ``daemon-silent``."""
        if self._handshake_monitor is not None:
            self._handshake_monitor.check()
        try:
            self._socket.send_multipart(frames, copy=False)
        except zmq.Again:  # the handshake was rejected, or a thousand requests are queued
            if self._handshake_monitor is not None:
                self._handshake_monitor.check()
            raise DaemonTimeoutError from None

    def _wait_readable(self, deadline: float) -> None:
        """Wait until a message can be read; check every `_PROBE_INTERVAL` that the daemon is alive."""
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:  # also if events keep arriving
                raise DaemonTimeoutError
            if self._socket.poll(int(1000 * min(remaining, _PROBE_INTERVAL)) + 1):
                return
            if self._handshake_monitor is not None:
                self._handshake_monitor.check()
            if not is_port_open(self._info):
                raise DaemonError(
                    "daemon-lost", "The daemon has gone.", "Its log says why; gramarye doctor shows where it is."
                )

    def _check_size(self, frames: Sequence[Buffer]) -> None:
        sizes = [memoryview(frame).nbytes for frame in frames]
        if sizes[2] > MAX_JSON:
            raise DaemonError(
                "message-too-large",
                f"Names and values take {sizes[2] >> 10} KiB; the daemon accepts {MAX_JSON >> 10} KiB.",
                "Shorten the title, the style names or the recipe.",
            )
        if len(sizes) - 3 > MAX_PAYLOADS:
            raise DaemonError(
                "message-too-large",
                f"{len(sizes) - 3} pictures and profiles are too many; the daemon accepts {MAX_PAYLOADS}.",
                "Send fewer styles.",
            )
        if self._max_message is not None and sum(sizes) > self._max_message:
            raise DaemonError(
                "message-too-large",
                f"The pictures take {sum(sizes) >> 20} MiB; the daemon accepts {self._max_message >> 20} MiB.",
                "Send a smaller layer.",
            )


class DaemonTimeoutError(DaemonError):
    """The daemon did not answer in time."""

    def __init__(self) -> None:
        super().__init__("daemon-silent", "The daemon does not answer.", "End its process and start it again.")


def is_port_open(info: Address) -> bool:
    """Return whether the daemon's port accepts connections."""
    try:
        socket.create_connection(
            host_and_port(info), timeout=_REMOTE_TIMEOUT if isinstance(info, Pass) else _LOCAL_TIMEOUT
        ).close()
    except OSError:
        return False
    return True
