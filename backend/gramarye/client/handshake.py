"""The encrypted way to a daemon on another machine, and whether it let us in (ZMTP CURVE)."""

from __future__ import annotations

from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from ..access.passes import Pass
from ..errors import DaemonError


def enable_curve(socket: zmq.Socket[bytes], client_pass: Pass) -> HandshakeMonitor:
    """Make the socket, which is not connected yet, speak CURVE by that pass. Errors: ``curve-missing``."""
    if not zmq.has("curve"):
        raise DaemonError("curve-missing", "This libzmq has no encryption.", "pip install -c constraints.txt pyzmq")
    socket.curve_serverkey = client_pass.server_key.encode("ascii")
    socket.curve_publickey = client_pass.client_key.encode("ascii")
    socket.curve_secretkey = client_pass.client_secret.encode("ascii")
    return HandshakeMonitor(socket)


class HandshakeMonitor:
    """Watches how the connection's handshakes end: libzmq itself only tries again, without a word."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        events = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        self._monitor: Any = socket.get_monitor_socket(events)
        self._has_succeeded = False

    def check(self) -> None:
        """Say so where the daemon shut the door. Errors: ``daemon-locked``."""
        while self._monitor.poll(0):
            event = recv_monitor_message(self._monitor)["event"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._has_succeeded = True
            elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH or not self._has_succeeded:
                raise DaemonError(
                    "daemon-locked",
                    "The daemon does not let this pass in, or is not the one that made it.",
                    "Make a new pass on its machine: gramarye keys add",
                )

    def close(self) -> None:
        """Watch no more."""
        self._socket.disable_monitor()
        self._monitor.close(0)
