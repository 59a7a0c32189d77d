"""Fixtures with real sockets, which are closed after the test and have timeouts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import zmq

from gramarye_protocol.zmtp import ZmtpConnection
from protocol.zmtp.peers import SocketDriver

PATIENCE = 10.0  # seconds until a silent peer fails the test


@pytest.fixture
def zmq_socket() -> Iterator[Callable[[int], zmq.Socket[bytes]]]:
    """Create a libzmq socket of the given type."""
    with ExitStack() as stack:
        context = zmq.Context()
        stack.callback(context.term)

        def make(kind: int) -> zmq.Socket[bytes]:
            made = context.socket(kind)
            stack.callback(made.close, linger=0)
            made.rcvtimeo = made.sndtimeo = int(PATIENCE * 1000)
            return made

        yield make


@pytest.fixture
def connect() -> Iterator[Callable[[int, ZmtpConnection], SocketDriver]]:
    """Connect a `ZmtpConnection` to a port of this host."""
    with ExitStack() as stack:

        def make(port: int, connection: ZmtpConnection) -> SocketDriver:
            stream = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            return SocketDriver(connection, stream)

        yield make


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening socket on a port chosen by the system."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        yield listening


@pytest.fixture
def accept(listener: socket.socket) -> Iterator[Callable[[ZmtpConnection], SocketDriver]]:
    """Accept one peer and run a `ZmtpConnection` on its socket."""
    with ExitStack() as stack:

        def make(connection: ZmtpConnection) -> SocketDriver:
            stream = stack.enter_context(listener.accept()[0])
            stream.settimeout(PATIENCE)
            return SocketDriver(connection, stream)

        yield make
