"""CURVE encryption (ZMTP) for daemons on other machines, and a monitor of the handshake."""

from __future__ import annotations

from typing import Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from ..access.passes import Pass
from ..errors import DaemonError


def enable_curve(socket: zmq.Socket[bytes], client_pass: Pass) -> HandshakeMonitor:
    """Enable CURVE, with the keys of a pass, on a socket that is not connected yet. Errors: ``curve-missing``."""
    if not zmq.has("curve"):
        raise DaemonError("curve-missing", "This libzmq has no encryption.", "pip install -c constraints.txt pyzmq")
    socket.curve_serverkey = client_pass.server_key.encode("ascii")
    socket.curve_publickey = client_pass.client_key.encode("ascii")
    socket.curve_secretkey = client_pass.client_secret.encode("ascii")
    return HandshakeMonitor(socket)


class HandshakeMonitor:
    """Monitors the results of a connection's handshakes: libzmq retries failed ones silently."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        events = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        self._monitor: Any = socket.get_monitor_socket(events)
        self._has_succeeded = False

    def check(self) -> None:
        """Raise an error if the daemon rejected the handshake. Errors: ``daemon-locked``."""
        while self._monitor.poll(0):
            event = recv_monitor_message(self._monitor)["event"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._has_succeeded = True
            elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH or not self._has_succeeded:
                raise DaemonError(
                    "daemon-locked",
                    "The daemon does not accept this pass, or is not the daemon that made it.",
                    "Make a new pass on its machine: gramarye keys add",
                )

    def close(self) -> None:
        """Stop monitoring."""
        self._socket.disable_monitor()
        self._monitor.close(0)
