"""Authentication of connections: ZAP (ZeroMQ RFC 27), with pyzmq's authenticator.

With ZAP enabled libzmq also rejects peers of ZMTP 1 and 2; otherwise it would accept what a browser posts to the port.
"""

from __future__ import annotations

import logging

import zmq
import zmq.asyncio
from zmq.auth.asyncio import AsyncioAuthenticator

from .keyring import LOCAL_USER, Keyring

_LOCAL_DOMAIN = "local"
_REMOTE_DOMAIN = "remote"

log = logging.getLogger(__name__)


class _Authenticator(AsyncioAuthenticator):
    """Gives clients without a key the user id `LOCAL_USER`."""

    def _send_zap_reply(
        self, request_id: bytes, status_code: bytes, status_text: bytes, user_id: str = "anonymous"
    ) -> None:
        super()._send_zap_reply(request_id, status_code, status_text, LOCAL_USER if user_id == "anonymous" else user_id)


class ZapAuth:
    """Decides which connections libzmq accepts. Call `start` before the socket is bound."""

    def __init__(self, context: zmq.asyncio.Context, keyring: Keyring) -> None:
        self._keyring = keyring
        self._authenticator = _Authenticator(context, log=logging.getLogger(f"{__name__}.zap"))
        self._authenticator.log.setLevel(logging.ERROR)
        self._authenticator.configure_curve_callback(_REMOTE_DOMAIN, self)

    def start(self) -> None:
        """Start the authenticator in the running event loop."""
        self._authenticator.start()

    def stop(self) -> None:
        """Stop the authenticator."""
        self._authenticator.stop()

    def callback(self, domain: str, key: bytes) -> bool:  # noqa: ARG002  # pyzmq's signature
        """Return whether the client with this public key (Z85) may connect."""
        self._keyring.refresh()
        is_known = self._keyring.key(key.decode("ascii")) is not None
        if not is_known:
            log.warning("a client with an unknown key was turned away")
        return is_known


def use_local_domain(socket: zmq.asyncio.Socket) -> None:
    """Accept unencrypted connections on later binds; for loopback only."""
    socket.setsockopt_string(zmq.ZAP_DOMAIN, _LOCAL_DOMAIN)


def use_curve(socket: zmq.asyncio.Socket, secret: str) -> None:
    """Accept only encrypted connections (CURVE, ZeroMQ RFC 26) on later binds; ``secret`` is the daemon's key (Z85)."""
    socket.setsockopt_string(zmq.ZAP_DOMAIN, _REMOTE_DOMAIN)
    socket.curve_server = True
    socket.curve_secretkey = secret.encode("ascii")
