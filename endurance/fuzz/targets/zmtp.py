"""Fuzz target: a peer's bytes, fed to the ZMTP state machine; the first byte selects the chunk size and the role."""

from __future__ import annotations

from gramarye_protocol.zmtp import Closed, Event, Limits, ZmtpConnection, ZmtpPeerError
from gramarye_protocol.zmtp.greeting import encode_greeting

from ..spec import examples
from ..target import Target

_LIMITS = Limits(max_frame=1 << 16, max_message=1 << 17, max_message_frames=70)


def run(data: bytes) -> object:
    """Feed the bytes; the chunk size must not matter, and a peer's error must be reported as a final `Closed` event."""
    flags, sent = (data[0] if data else 0), data[1:]
    as_server = bool(flags & 1)
    whole = _collect_events(sent, max(1, len(sent)), as_server)
    assert _collect_events(sent, 1 + (flags >> 1), as_server) == whole
    ends = [event for event in whole if event[0] == Closed.__name__]
    assert len(ends) == 1
    assert whole[-1] is ends[0]
    return whole


def _collect_events(sent: bytes, step: int, as_server: bool) -> list[tuple[str, object]]:
    """Return the events of a connection that ends after ``sent``, in comparable form."""
    connection = ZmtpConnection("ROUTER" if as_server else "DEALER", as_server=as_server, limits=_LIMITS)
    events: list[Event] = []
    for start in range(0, len(sent), step):
        events += connection.receive(sent[start : start + step])
    events += connection.receive_end()
    return [(type(event).__name__, _comparable(event)) for event in events]


def _comparable(event: Event) -> object:
    if not isinstance(event, Closed):
        return event
    error = event.error
    assert error is None or (error.code and error.message and error.hint)
    return error and error.code


def seeds() -> dict[str, bytes]:
    """Return inputs for both roles by name: a greeting, the specification's example messages, and a ping."""
    ready = {False: _ready(b"ROUTER"), True: _ready(b"DEALER")}
    found: dict[str, bytes] = {"greeting": b"\0" + encode_greeting()}
    for number, example in enumerate(examples()):
        as_server = example.role == "client"
        opened = encode_greeting() + ready[as_server]
        found[f"spec-{number}"] = bytes([6 | as_server]) + opened + _message(example.frames)
    ping = b"\x04\x09\x04PING\0\x0aab"
    found["ping"] = b"\0" + encode_greeting() + ready[False] + ping + b"\x04\x07\x04PONGab" + b"\x04\x09\x05ERROR\x02no"
    return found


def _ready(socket_type: bytes) -> bytes:
    properties = b"\x0bSocket-Type" + len(socket_type).to_bytes(4, "big") + socket_type
    body = b"\x05READY" + properties + b"\x08Identity\0\0\0\0"
    return bytes([4, len(body)]) + body


def _message(frames: tuple[bytes, ...]) -> bytes:
    sent = b""
    for number, frame in enumerate(frames):
        more = number < len(frames) - 1
        size = len(frame)
        sent += bytes([more, size]) if size < 256 else bytes([2 | more]) + size.to_bytes(8, "big")
        sent += frame
    return sent


TARGET = Target("zmtp", run, (ZmtpPeerError,), seeds, dictionary=("READY", "PING", "ERROR", "NULL", "ROUTER", "REP"))
