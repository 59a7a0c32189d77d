"""ZMTP 3 with the NULL mechanism as a state machine without I/O (RFC 23 and RFC 37 of ZeroMQ).

It lets a program without libzmq be a DEALER: bytes in and events out, frames in and bytes out. The subset,
byte-exact examples and the state table stand in ``protocol/ZMTP.md``.
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
