"""One connection to the daemon: requests with their replies, and the events that come between."""

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
"""Seconds that an event may have waited: a client that was suspended still wants the end of its job."""

_PROBE_INTERVAL = 1.0
"""Seconds of silence after which the daemon's port is tried."""

_LOCAL_TIMEOUT, _REMOTE_TIMEOUT = 1.0, 5.0
"""Seconds that a port on this machine, or on another, may take to answer."""

_RECEIVE_HWM = 8
"""Messages that libzmq holds for a client that does not read; the daemon thins out what comes behind them."""


class Connection:
    """A signed DEALER connection; events go to ``event_queues``. Not for use by several threads at once."""

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
        """Close the socket; what was sent still goes out for a second."""
        if self._handshake_monitor is not None:
            self._handshake_monitor.close()
        self._socket.close()
        self._context.term()

    def send_hello(self, client: str, timeout: float) -> Welcome:
        """Agree on a version. Errors: ``version-unsupported``, ``daemon-locked``, those of `request`."""
        welcome = self.request(Hello((PROTOCOL_MAJOR,), client), Welcome, timeout)
        self._max_message = welcome.max_message
        return welcome

    def request(self, message: Message, expected: type[Reply], timeout: float = 30.0) -> Reply:
        """Send a request and return its reply.

        Errors: what the daemon refused, under its own code (see `error_from_refusal`); ``daemon-lost``,
        ``daemon-silent``, ``message-too-large``.
        """
        request = uuid.uuid4().hex
        frames = seal(message, self._info.key_bytes, CLIENT, time.time(), message_id=request)
        self._check_size(frames)
        self._send(frames)
        deadline = time.monotonic() + timeout
        while True:
            envelope = self._receive(deadline)
            answer = envelope.message
            # the daemon names no request where it could not read which; one at a time is outstanding
            if isinstance(answer, Refused) and envelope.reply_to in (request, ""):
                raise error_from_refusal(answer)
            if envelope.reply_to != request:
                continue
            if not isinstance(answer, expected):
                raise DaemonError("reply-unexpected", f"The daemon answered with {answer.KIND!r}.")
            return answer

    def listen(self, deadline: float) -> bool:
        """Take in one message; False where none came until ``deadline`` (monotonic). Errors: ``daemon-lost``."""
        try:
            self._receive(deadline)
        except DaemonTimeoutError:
            return False
        return True

    def _receive(self, deadline: float) -> Envelope:
        """The next message; events also go to their mailbox. What fails its checks is dropped (SPEC)."""
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
        """Errors: ``daemon-locked``, ``daemon-silent``."""
        if self._handshake_monitor is not None:
            self._handshake_monitor.check()
        try:
            self._socket.send_multipart(frames, copy=False)
        except zmq.Again:  # libzmq has given the connection up: it was turned away, or a thousand requests wait
            if self._handshake_monitor is not None:
                self._handshake_monitor.check()
            raise DaemonTimeoutError from None

    def _wait_readable(self, deadline: float) -> None:
        """Until something can be read; now and then see whether the daemon still lives."""
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:  # also where events keep coming
                raise DaemonTimeoutError
            if self._socket.poll(int(1000 * min(remaining, _PROBE_INTERVAL)) + 1):
                return
            if self._handshake_monitor is not None:
                self._handshake_monitor.check()
            if not is_port_open(self._info):
                raise DaemonError(
                    "daemon-lost", "The daemon has gone.", "Its log says why; gramarye doctor shows where."
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
    """Nothing came in time."""

    def __init__(self) -> None:
        super().__init__("daemon-silent", "The daemon does not answer.", "End its process and start it again.")


def is_port_open(info: Address) -> bool:
    """Whether anybody listens on the daemon's port."""
    try:
        socket.create_connection(
            host_and_port(info), timeout=_REMOTE_TIMEOUT if isinstance(info, Pass) else _LOCAL_TIMEOUT
        ).close()
    except OSError:
        return False
    return True
