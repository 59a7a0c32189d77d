"""Events, which a connection reports to its owner, as immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Union

from .errors import ZmtpPeerError


@dataclass(frozen=True)
class Ready:
    """The handshake is complete: messages may be sent.

    ``version`` is the peer's (major, minor); ``properties`` holds the peer's READY metadata with names in
    lower case, since case is not significant (RFC 23, "The NULL Security Mechanism").
    """

    version: tuple[int, int]
    socket_type: str
    identity: bytes
    properties: Mapping[str, bytes]


@dataclass(frozen=True)
class MessageReceived:
    """A complete message. The frames belong to the receiver; the connection keeps no reference to them."""

    frames: tuple[bytearray, ...]


@dataclass(frozen=True)
class PingReceived:
    """The peer sent a PING; its PONG is in ``data_to_send``. ``ttl`` is in seconds, 0 for none."""

    ttl: float
    context: bytes


@dataclass(frozen=True)
class PongReceived:
    """The peer answered our PING."""

    context: bytes


@dataclass(frozen=True)
class Closed:
    """The last event of a connection. ``error`` is None if the peer closed between two messages."""

    error: ZmtpPeerError | None


Event = Union[Ready, MessageReceived, PingReceived, PongReceived, Closed]
