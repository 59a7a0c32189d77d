"""The daemon's ROUTER socket, bound to loopback and optionally to another address."""

from __future__ import annotations

import re

import zmq
import zmq.asyncio

from ...access.curve import KeyPair
from ...errors import DaemonError
from ..limits import MAX_MESSAGE
from .zap_auth import use_curve, use_local_domain

_LISTEN = re.compile(r"tcp://(\*|[0-9A-Za-z.-]+):(\*|[0-9]{1,5})")

_HANDSHAKE_TIMEOUT_MS = 5_000
"""Milliseconds after which an unfinished ZMTP handshake is aborted."""


def make_router(context: zmq.asyncio.Context) -> zmq.asyncio.Socket:
    """Return the socket, not yet bound."""
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)  # a send to a client that has left fails instead of being dropped
    # a connection that announces a longer frame is closed before memory is allocated
    socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
    socket.setsockopt(zmq.SNDHWM, 8)  # messages that libzmq queues for one client; the rest waits in its outbox
    socket.setsockopt(zmq.RCVHWM, 8)
    socket.setsockopt(zmq.HANDSHAKE_IVL, _HANDSHAKE_TIMEOUT_MS)
    socket.setsockopt(zmq.HEARTBEAT_IVL, 5_000)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 60_000)  # an editor may block in a dialog
    socket.setsockopt(zmq.LINGER, 1_000)
    return socket


def bind_local(socket: zmq.asyncio.Socket) -> str:
    """Bind to loopback, on a port that the system chooses; return the endpoint."""
    use_local_domain(socket)
    socket.bind("tcp://127.0.0.1:*")
    return _endpoint(socket)


def bind_remote(socket: zmq.asyncio.Socket, listen: str, pair: KeyPair) -> str:
    """Bind to ``listen`` as well, for encrypted connections only; return the endpoint.

    Call this after `bind_local`: socket options apply to later binds. Errors: ``listen-malformed``, ``listen-failed``.
    """
    found = _LISTEN.fullmatch(listen)
    if found is None or (found[2] != "*" and not 0 < int(found[2]) < 65536):  # libzmq would take 99999 for 34463
        raise DaemonError(
            "listen-malformed", f"{listen!r} is not a valid address.", "For example: --listen tcp://0.0.0.0:7707"
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
