"""ZMTP 3 with the NULL mechanism as a state machine without I/O (RFC 23 and RFC 37 of ZeroMQ).

It lets a program without libzmq act as a DEALER or ROUTER with one peer. ``protocol/ZMTP.md`` has the supported subset,
byte-exact examples and the state table.

- ``connection``: `ZmtpConnection`, and the theory of operation
- ``states``: the state table
- ``events``: what a connection reports to its owner
- ``greeting``: the first 64 octets
- ``reader``, ``writer``: frames
- ``commands``, ``metadata``, ``sockettypes``: READY, ERROR, PING and PONG, and what READY carries
- ``assembly``, ``limits``: messages of several frames, and limits on their size
- ``heartbeat``: PING times and timeouts
- ``receivebuffer``, ``buffers``: received bytes, bytes-like values
- ``errors``: `ZmtpLocalError` and `ZmtpPeerError`
"""

from .buffers import BytesLike
from .connection import ZmtpConnection
from .errors import ZmtpError, ZmtpLocalError, ZmtpPeerError
from .events import Closed, Event, MessageReceived, PingReceived, PongReceived, Ready
from .heartbeat import Heartbeat
from .limits import Limits
from .states import TRANSITIONS, Input, State

__all__ = [
    "TRANSITIONS",
    "BytesLike",
    "Closed",
    "Event",
    "Heartbeat",
    "Input",
    "Limits",
    "MessageReceived",
    "PingReceived",
    "PongReceived",
    "Ready",
    "State",
    "ZmtpConnection",
    "ZmtpError",
    "ZmtpLocalError",
    "ZmtpPeerError",
]
