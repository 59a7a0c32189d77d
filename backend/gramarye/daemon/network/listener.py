"""What clients come in by: the socket, the gate before it and the doorman beside it."""

from __future__ import annotations

import zmq.asyncio

from ...access.curve import KeyPair
from . import memory_guard
from .connection_guard import ConnectionGuard
from .keyring import Keyring
from .router_socket import bind_local, bind_remote, make_router
from .zap_auth import ZapAuth


class Listener:
    """Open from the start, on loopback and where ``listen`` says, until it is closed."""

    def __init__(self, keyring: Keyring, listen: str, pair: KeyPair | None) -> None:
        """``pair`` are the daemon's own keys for ``listen``; None for loopback alone.

        Errors: those of `door.bind_remote`.
        """
        self._context = zmq.asyncio.Context()
        self._zap_auth = ZapAuth(self._context, keyring)
        self._zap_auth.start()
        self.socket = make_router(self._context)
        self.endpoint = bind_local(self.socket)
        self.guard = ConnectionGuard(self.socket, int(self.endpoint.rpartition(":")[2]), memory_guard.memory_limit())
        self.remote = "" if pair is None else bind_remote(self.socket, listen, pair)
        """The endpoint for other machines, where there is one."""

    def close(self) -> None:
        """Let nobody in any more."""
        self.guard.close()
        self._zap_auth.stop()
        self.socket.close()
        self._context.term()
