"""A ZMTP 3.0/3.1 connection with the NULL mechanism, as a state machine without I/O in the manner of h11.

Bytes in, events out; frames in, bytes out. No sockets, threads or clocks: the owner moves the bytes.

    connection = ZmtpConnection()
    write(connection.data_to_send())              # once the transport is connected
    events = connection.receive(read())           # whenever bytes arrive; receive_end() at the end
    write(connection.data_to_send())              # after each of these: replies to the peer
    write(connection.send([b"header", pixels]))   # after the Ready event
    events = connection.tick(time.monotonic())    # every second or so, for heartbeats

Chunks must be written in the order in which they were returned. After ``Closed``, the last event, write what
``data_to_send`` still returns and close the transport.

Theory of operation. ``receive`` cuts the stream into the peer's greeting (64 octets) and then frames (RFC 23,
"Framing"). Each of these, and each call of the owner, is an ``Input``. The table ``states.TRANSITIONS`` maps a state
and an input to the next state; every change of state goes through ``next_state``, which refuses all other inputs:

    AWAIT_GREETING -greeting-> AWAIT_READY -READY-> OPEN <-frame with MORE, last frame-> IN_MESSAGE

``close()`` leads to CLOSED. An ERROR command, a timeout or a protocol violation leads to FAILED. The end of the stream
leads to CLOSED if it comes after the handshake and between two messages, otherwise to FAILED. Invariants:

- A frame's header is checked against the state and ``Limits`` before memory for its body is allocated
  (RFC 23, "Security Considerations").
- A message is delivered with all its frames or not at all (RFC 23, "Messages"); the same holds for sending.
- The peer's first command is READY or ERROR (RFC 23, "The NULL Security Mechanism"). In a message only PING and PONG
  may come, because libzmq sends them there, and ERROR, which is always fatal (RFC 23, "Error Handling").
- Each PING is answered with its context; at most one PING of ours is unanswered (RFC 37, "Connection Heartbeating").
- The directions are independent: sending does not wait for the peer to finish its message.
- CLOSED and FAILED are final: later input is ignored, and no event follows ``Closed``.

Misuse by the owner raises ``ZmtpLocalError`` and changes nothing. A fault of the peer raises nothing: it is reported as
``Closed(error)``, after the events that preceded it.
"""

from __future__ import annotations

from typing import Sequence

from .assembly import MessageAssembly
from .buffers import BytesLike
from .commands import (
    LARGEST_CONTEXT,
    Command,
    encode_error,
    encode_ping,
    encode_pong,
    encode_ready,
    parse_command,
    parse_error,
    parse_ping,
    parse_pong,
)
from .errors import ZmtpLocalError, ZmtpPeerError
from .events import Closed, Event, MessageReceived, PingReceived, PongReceived, Ready
from .greeting import Greeting, GreetingReader, encode_greeting
from .heartbeat import Heartbeat, HeartbeatAction, HeartbeatMonitor
from .limits import Limits
from .metadata import parse_properties
from .reader import Frame, FrameHeader, FrameReader
from .receivebuffer import ReceiveBuffer
from .sockettypes import own_properties, peer_identity, peer_socket_type
from .states import Input, State, next_state
from .writer import encode_message

# Largest number of queued PONGs: a peer that only sends PINGs must not fill the memory.
_MAX_PENDING_PONGS = 1024
_PING_SINCE = (3, 1)

_COMMAND_INPUTS = {
    b"READY": Input.READY,
    b"ERROR": Input.ERROR,
    b"PING": Input.PING,
    b"PONG": Input.PONG,
}


class ZmtpConnection:
    """The state machine of one connection. Not thread-safe; not reusable after ``Closed``.

    ``socket_type`` is "DEALER" or "ROUTER". ``identity`` has at most 255 bytes, the first not zero. ``as_server`` is
    for the side that bound: it sends its READY in reply to the peer's instead of first (RFC 37, "The NULL Security
    Mechanism"). The greeting's as-server octet is zero on both sides, as NULL requires. Without a ``heartbeat``, PINGs
    are sent only by ``ping``; PINGs of the peer are always answered.

    Raises ``ZmtpLocalError`` (``bad_option``).
    """

    def __init__(
        self,
        socket_type: str = "DEALER",
        identity: bytes = b"",
        as_server: bool = False,
        limits: Limits | None = None,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        self._socket_type = socket_type
        self._ready_command = encode_ready(own_properties(socket_type, identity))
        self._as_server = as_server
        self._state = State.AWAIT_GREETING
        self._peer_version = (0, 0)
        self._buffer = ReceiveBuffer()
        self._greeting_reader = GreetingReader(self._buffer)
        self._reader = FrameReader(self._buffer)
        self._assembly = MessageAssembly(Limits() if limits is None else limits)
        self._heartbeat_monitor = HeartbeatMonitor(heartbeat)
        self._pending_pongs = 0
        self._output: list[BytesLike] = [encode_greeting()]

    @property
    def state(self) -> State:
        return self._state

    def data_to_send(self) -> list[BytesLike]:
        """Return the chunks to write now, in order. Each chunk is returned once."""
        output, self._output = self._output, []
        self._pending_pongs = 0
        return output

    def send(self, frames: Sequence[BytesLike]) -> list[BytesLike]:
        """Return ``data_to_send()`` followed by one message.

        Large frames are views, not copies: do not change their memory until it is written.

        Raises ``ZmtpLocalError``: ``not_open`` before Ready, ``closed`` after the end, ``empty_message``,
        ``bad_buffer``.
        """
        target = next_state(self._state, Input.SEND)
        self._output += encode_message(frames)
        self._state = target
        return self.data_to_send()

    def ping(self, context: bytes = b"") -> list[BytesLike]:
        """Return ``data_to_send()`` followed by a PING; its ``PongReceived`` event will have the same ``context``.

        Raises ``ZmtpLocalError``: as ``send``, and ``ping_unsupported`` (the peer speaks ZMTP 3.0),
        ``ping_pending`` (the last PING is unanswered), ``bad_context`` (over 16 bytes).
        """
        next_state(self._state, Input.SEND)
        if self._peer_version < _PING_SINCE:
            raise ZmtpLocalError(
                "ping_unsupported", "The peer speaks ZMTP 3.0, which has no PING.", "Send no PING to it."
            )
        # RFC 37, "Connection Heartbeating": only a small number of PINGs without a PONG. Here it is one.
        if self._heartbeat_monitor.is_awaiting_pong:
            raise ZmtpLocalError(
                "ping_pending", "The last PING has not been answered.", "Wait for its PongReceived event."
            )
        if len(context) > LARGEST_CONTEXT:
            raise ZmtpLocalError(
                "bad_context", f"A PING context is {len(context)} bytes.", f"Use {LARGEST_CONTEXT} at most."
            )
        self._queue_ping(context)
        return self.data_to_send()

    def receive(self, data: BytesLike) -> list[Event]:
        """Return the events that ``data``, just read, completes. After the end, data is ignored.

        The memory of ``data`` may be reused on return. Raises ``ZmtpLocalError`` (``bad_buffer``).
        """
        events: list[Event] = []
        if self._state.is_final:
            return events
        if self._buffer.feed(data):
            self._heartbeat_monitor.traffic_received()
        try:
            while self._step(events):
                pass
        except ZmtpPeerError as error:
            self._fail(Input.FAULT, error, events)
        finally:
            self._buffer.release()
        return events

    def receive_end(self) -> list[Event]:
        """Report that the peer closed its side or the transport broke. Returns ``Closed``, or nothing after the end."""
        events: list[Event] = []
        if self._state.is_final:
            return events
        if self._reader.is_mid_frame:
            self._fail(Input.FAULT, _peer_lost(), events)
        elif self._state is State.IN_MESSAGE:
            self._fail(Input.END, _peer_lost(), events)
        elif self._state is State.OPEN:
            self._end(next_state(self._state, Input.END))
            events.append(Closed(None))
        else:
            self._fail(Input.END, _closed_in_handshake(), events)
        return events

    def tick(self, now: float) -> list[Event]:
        """Check heartbeats at ``now``, in seconds on a monotonic clock such as ``time.monotonic``.

        Call it a few times per heartbeat interval, after receiving the available data.
        """
        events: list[Event] = []
        if self._state.is_final:
            return events
        action = self._heartbeat_monitor.tick(now)
        if action is HeartbeatAction.SEND_PING:
            self._queue_ping(b"")
        elif action is not HeartbeatAction.NONE:
            self._fail(Input.SILENCE, _peer_silent(action), events)
        return events

    def close(self) -> None:
        """End the connection from this side. ZMTP has no closing command: close the transport as well."""
        self._end(next_state(self._state, Input.CLOSE))

    def _step(self, events: list[Event]) -> bool:
        """Handle the greeting or one frame; return False if neither is complete."""
        if self._state is State.AWAIT_GREETING:
            greeting = self._greeting_reader.read()
            if greeting is None:
                return False
            self._on_greeting(greeting)
            return True
        frame = self._reader.read(self._check_header)
        if frame is None:
            return False
        self._heartbeat_monitor.traffic_received()
        if frame.header.is_command:
            self._on_command(parse_command(frame.body), events)
        else:
            self._on_message_frame(frame, events)
        return True

    def _check_header(self, header: FrameHeader) -> None:
        if not header.is_command:
            next_state(self._state, _message_input(header))
        self._assembly.check_limits(header)

    def _on_greeting(self, greeting: Greeting) -> None:
        self._state = next_state(self._state, Input.GREETING)
        self._peer_version = greeting.version
        # RFC 23, "The NULL Security Mechanism": each side sends READY before it receives one. RFC 37, same section:
        # the side that bound waits for the peer's READY. Waiting on the bound side alone satisfies both.
        if not self._as_server:
            self._output.append(self._ready_command)

    def _on_command(self, command: Command, events: list[Event]) -> None:
        given = _COMMAND_INPUTS.get(command.name, Input.OTHER_COMMAND)
        target = next_state(self._state, given)
        if given is Input.READY:
            events.append(self._on_ready(command.data))
        elif given is Input.ERROR:
            # RFC 23, "Error Handling": fatal; the peer should not connect again with the same credentials.
            raise _refused_by_peer(parse_error(command.data))
        elif given is Input.PING:
            events.append(self._on_ping(command.data))
        elif given is Input.PONG:
            context = parse_pong(command.data)
            self._heartbeat_monitor.pong_received()
            events.append(PongReceived(context))
        self._state = target

    def _on_ready(self, data: bytes) -> Ready:
        try:
            properties = parse_properties(data)
            socket_type = peer_socket_type(self._socket_type, properties)
            identity = peer_identity(socket_type, properties)
        except ZmtpPeerError as error:
            # RFC 23, "The Socket-Type Property": answer with an ERROR command, then disconnect.
            self._output.append(encode_error(error.code))
            raise
        if self._as_server:
            self._output.append(self._ready_command)
        self._heartbeat_monitor.handshake_completed(pings_allowed=self._peer_version >= _PING_SINCE)
        return Ready(self._peer_version, socket_type, identity, properties)

    def _on_ping(self, data: bytes) -> PingReceived:
        ping = parse_ping(data)
        if self._pending_pongs == _MAX_PENDING_PONGS:
            raise ZmtpPeerError(
                "ping_flood",
                f"The peer sent over {_MAX_PENDING_PONGS} PINGs faster than they could be answered.",
                "Lower the peer's heartbeat rate.",
            )
        self._heartbeat_monitor.set_peer_ttl(ping.ttl)
        # RFC 37, "Connection Heartbeating": each PING shall be answered with a PONG that echoes its context.
        self._output.append(encode_pong(ping.context))
        self._pending_pongs += 1
        return PingReceived(ping.ttl, ping.context)

    def _on_message_frame(self, frame: Frame, events: list[Event]) -> None:
        self._state = next_state(self._state, _message_input(frame.header))
        message = self._assembly.add(frame)
        if message is not None:
            events.append(MessageReceived(message))

    def _queue_ping(self, context: bytes) -> None:
        self._output.append(encode_ping(context))
        self._heartbeat_monitor.ping_sent()

    def _fail(self, given: Input, error: ZmtpPeerError, events: list[Event]) -> None:
        self._end(next_state(self._state, given))
        events.append(Closed(error))

    def _end(self, target: State) -> None:
        self._state = target
        self._buffer.clear()
        self._assembly.clear()


def _message_input(header: FrameHeader) -> Input:
    return Input.MORE_FRAME if header.more else Input.LAST_FRAME


def _refused_by_peer(reason: str) -> ZmtpPeerError:
    return ZmtpPeerError(
        "refused_by_peer",
        f"The peer refused the connection. Its reason: {reason or 'none'}.",
        "See the peer's log; connecting again without a change will not help.",
    )


def _peer_lost() -> ZmtpPeerError:
    return ZmtpPeerError(
        "peer_lost",
        "The peer went away in the middle of a message.",
        "Connect again and repeat the request.",
    )


def _closed_in_handshake() -> ZmtpPeerError:
    return ZmtpPeerError(
        "closed_in_handshake",
        "The peer closed the connection before the handshake was complete.",
        "Check that the address is the daemon's and that it uses no security mechanism, then connect again.",
    )


def _peer_silent(action: HeartbeatAction) -> ZmtpPeerError:
    return ZmtpPeerError(
        "peer_silent",
        f"The peer is lost: {action.value}.",
        "Check that the daemon runs, then connect again.",
    )
