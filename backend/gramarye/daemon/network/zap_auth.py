"""Who may connect at all: ZMQ's authentication (ZAP, RFC 27), by pyzmq's authenticator.

It also keeps out peers of ZMTP 1 and 2, for which libzmq would take whatever a browser posts to the port.
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
    """Names those without a key of their own `LOCAL_USER`."""

    def _send_zap_reply(
        self, request_id: bytes, status_code: bytes, status_text: bytes, user_id: str = "anonymous"
    ) -> None:
        super()._send_zap_reply(request_id, status_code, status_text, LOCAL_USER if user_id == "anonymous" else user_id)


class ZapAuth:
    """Answers libzmq's question whether a connection may be. ``start`` it before the socket is bound."""

    def __init__(self, context: zmq.asyncio.Context, keyring: Keyring) -> None:
        self._keyring = keyring
        self._authenticator = _Authenticator(context, log=logging.getLogger(f"{__name__}.zap"))
        self._authenticator.log.setLevel(logging.ERROR)
        self._authenticator.configure_curve_callback(_REMOTE_DOMAIN, self)

    def start(self) -> None:
        """Begin to answer, in the running event loop."""
        self._authenticator.start()

    def stop(self) -> None:
        """Answer no more."""
        self._authenticator.stop()

    def callback(self, domain: str, key: bytes) -> bool:  # noqa: ARG002  # pyzmq's signature
        """Whether the client with that public key (Z85) may come."""
        self._keyring.refresh()
        is_known = self._keyring.key(key.decode("ascii")) is not None
        if not is_known:
            log.warning("a client with an unknown key was turned away")
        return is_known


def use_local_domain(socket: zmq.asyncio.Socket) -> None:
    """What is bound next takes connections without encryption: for loopback alone."""
    socket.setsockopt_string(zmq.ZAP_DOMAIN, _LOCAL_DOMAIN)


def use_curve(socket: zmq.asyncio.Socket, secret: str) -> None:
    """What is bound next takes encrypted connections alone (CURVE, RFC 26), as the daemon of that secret key."""
    socket.setsockopt_string(zmq.ZAP_DOMAIN, _REMOTE_DOMAIN)
    socket.curve_server = True
    socket.curve_secretkey = secret.encode("ascii")
