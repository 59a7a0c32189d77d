"""Opens the ROUTER socket with ZAP authentication and a connection guard."""

from __future__ import annotations

import zmq.asyncio

from ...access.curve import KeyPair
from . import memory_guard
from .connection_guard import ConnectionGuard
from .keyring import Keyring
from .router_socket import bind_local, bind_remote, make_router
from .zap_auth import ZapAuth


class Listener:
    """The bound socket with its guards, on loopback and on the address ``listen``; open until `close`."""

    def __init__(self, keyring: Keyring, listen: str, pair: KeyPair | None) -> None:
        """``pair`` is the daemon's key pair for ``listen``; None for loopback only.

        Errors: those of `router_socket.bind_remote`.
        """
        self._context = zmq.asyncio.Context()
        self._zap_auth = ZapAuth(self._context, keyring)
        self._zap_auth.start()
        self.socket = make_router(self._context)
        self.endpoint = bind_local(self.socket)
        self.guard = ConnectionGuard(self.socket, int(self.endpoint.rpartition(":")[2]), memory_guard.memory_limit())
        self.remote = "" if pair is None else bind_remote(self.socket, listen, pair)
        """The endpoint for other machines; "" if there is none."""

    def close(self) -> None:
        """Close the socket and its guards."""
        self.guard.close()
        self._zap_auth.stop()
        self.socket.close()
        self._context.term()
