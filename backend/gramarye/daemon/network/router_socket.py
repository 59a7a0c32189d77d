"""The daemon's socket: a ROUTER on loopback, and where the user asked for it on other addresses too."""

from __future__ import annotations

import re

import zmq
import zmq.asyncio

from ...access.curve import KeyPair
from ...errors import DaemonError
from ..handlers import MAX_MESSAGE
from .zap_auth import use_curve, use_local_domain

_LISTEN = re.compile(r"tcp://(\*|[0-9A-Za-z.-]+):(\*|[0-9]{1,5})")

_HANDSHAKE_TIMEOUT_MS = 5_000
"""Milliseconds that a connection may take to become one."""


def make_router(context: zmq.asyncio.Context) -> zmq.asyncio.Socket:
    """The socket, not bound yet."""
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)  # a send to a client that is gone fails, rather than vanishing
    # the connection of a peer that announces a longer frame is closed, before memory is taken for it
    socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
    socket.setsockopt(zmq.SNDHWM, 8)  # messages held for one client before its outbox holds the rest
    socket.setsockopt(zmq.RCVHWM, 8)
    socket.setsockopt(zmq.HANDSHAKE_IVL, _HANDSHAKE_TIMEOUT_MS)
    socket.setsockopt(zmq.HEARTBEAT_IVL, 5_000)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 60_000)  # an editor may stand still in a dialog
    socket.setsockopt(zmq.LINGER, 1_000)
    return socket


def bind_local(socket: zmq.asyncio.Socket) -> str:
    """Bind to loopback, on a port that the system picks; returns the endpoint."""
    use_local_domain(socket)
    socket.bind("tcp://127.0.0.1:*")
    return _endpoint(socket)


def bind_remote(socket: zmq.asyncio.Socket, listen: str, pair: KeyPair) -> str:
    """Bind to ``listen`` as well, for encrypted connections alone; returns the endpoint.

    To be called after `bind_local`: an option of the socket counts for what is bound after it.
    Errors: ``listen-malformed``, ``listen-failed``.
    """
    found = _LISTEN.fullmatch(listen)
    if found is None or (found[2] != "*" and not 0 < int(found[2]) < 65536):  # libzmq would take 99999 for 34463
        raise DaemonError(
            "listen-malformed", f"{listen!r} is no address to listen on.", "For example: --listen tcp://0.0.0.0:7707"
        )
    use_curve(socket, pair.secret)
    try:
        socket.bind(listen)
    except zmq.ZMQError as error:
        raise DaemonError(
            "listen-failed", f"The daemon cannot listen on {listen}: {error}.", "Choose an address of this machine."
        ) from None
    return _endpoint(socket)


def _endpoint(socket: zmq.asyncio.Socket) -> str:
    endpoint = socket.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(endpoint, bytes)
    return endpoint.decode("ascii")
