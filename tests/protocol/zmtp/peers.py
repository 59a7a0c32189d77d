"""Raw bytes of a peer, written independently of the code, and a driver that runs a connection on a socket."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Sequence
from typing import TypeVar

import zmq

from gramarye_protocol.zmtp import BytesLike, Event, MessageReceived, Ready, State, ZmtpConnection

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
GREETING_3_0 = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
READY_ROUTER = b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER"
READY_DEALER = b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
PING = b"\x04\x07\x04PING\x00\x00"
PONG = b"\x04\x05\x04PONG"

Kind = TypeVar("Kind", bound=Event)


def command(name: bytes, data: bytes = b"") -> bytes:
    body = bytes([len(name)]) + name + data
    return bytes([4, len(body)]) + body if len(body) < 256 else b"\x06" + struct.pack(">Q", len(body)) + body


def properties(*pairs: tuple[bytes, bytes]) -> bytes:
    return b"".join(bytes([len(name)]) + name + struct.pack(">I", len(value)) + value for name, value in pairs)


def message(*frames: bytes) -> bytes:
    """Return the bytes of one message: short frames up to 255 bytes, long frames above."""
    encoded = b""
    for index, body in enumerate(frames):
        more = int(index < len(frames) - 1)
        if len(body) < 256:
            encoded += struct.pack(">BB", more, len(body)) + body
        else:
            encoded += struct.pack(">BQ", more | 2, len(body)) + body
    return encoded


def received(*frames: bytes) -> MessageReceived:
    """Return the event for ``message(*frames)``."""
    return MessageReceived(tuple(map(bytearray, frames)))


def join_chunks(chunks: Iterable[BytesLike]) -> bytes:
    return b"".join(bytes(chunk) for chunk in chunks)


def complete_handshake(
    connection: ZmtpConnection, greeting: bytes = GREETING, ready: bytes = READY_ROUTER
) -> ZmtpConnection:
    """Return ``connection`` after its handshake with a scripted peer, with nothing left to send."""
    (event,) = connection.receive(greeting + ready)
    assert isinstance(event, Ready)
    assert connection.state is State.OPEN
    connection.data_to_send()
    return connection


def complete_handshake_with(driver: SocketDriver, router: zmq.Socket[bytes]) -> SocketDriver:
    """Return ``driver`` once ``router`` knows its identity: libzmq drops messages to unknown identities."""
    driver.wait_for(Ready)
    driver.write(driver.connection.send([b"hello"]))
    router.recv_multipart()
    return driver


class SocketDriver:
    """Moves bytes between a connection and a socket, and keeps the events until `wait_for` takes them."""

    def __init__(self, connection: ZmtpConnection, stream: socket.socket) -> None:
        self.connection = connection
        self.stream = stream
        self.events: list[Event] = []

    def write(self, chunks: Sequence[BytesLike]) -> None:
        for chunk in chunks:
            self.stream.sendall(chunk)

    def flush(self) -> None:
        self.write(self.connection.data_to_send())

    def read(self, size: int = 65536) -> None:
        """Read once, at most ``size`` bytes, without sending a reply."""
        try:
            data = self.stream.recv(size)
        except ConnectionResetError:
            data = b""
        self.events += self.connection.receive(data) if data else self.connection.receive_end()

    def wait_for(self, kind: type[Kind], size: int = 65536, answer: bool = True) -> Kind:
        """Read until an event of ``kind`` arrives; remove and return it. A silent peer causes a timeout."""
        while True:
            if answer and not self.connection.state.is_final:
                self.flush()
            for index, event in enumerate(self.events):
                if isinstance(event, kind):
                    del self.events[index]
                    return event
            if self.connection.state.is_final:
                raise AssertionError(f"the connection ended with {self.events}")
            self.read(size)
