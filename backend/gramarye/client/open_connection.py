"""Opens a connection to a daemon and exchanges hello and welcome."""

from __future__ import annotations

from pathlib import Path

from gramarye_protocol.messages import Welcome

from ..errors import DaemonError
from .connection import Connection
from .daemon_file import read_address
from .launch import find_daemon, find_or_start_daemon

_HELLO_TIMEOUT = 10.0


def connect_to_own_daemon(start: bool, name: str) -> tuple[Connection, Welcome]:
    """Connect to this user's daemon; with ``start``, start one if none is running.

    If that daemon exits before it answers, try once more. Errors: those of `launch.find_daemon` or
    `launch.find_or_start_daemon`, and of `Connection.send_hello`.
    """
    for is_last in (False, True):
        connection = Connection(find_or_start_daemon() if start else find_daemon())
        try:
            return connection, connection.send_hello(name, timeout=_HELLO_TIMEOUT)
        except BaseException as error:
            connection.close()
            if is_last or not isinstance(error, DaemonError) or error.code not in ("daemon-lost", "daemon-stopped"):
                raise
    raise AssertionError("the last try returns or raises")


def connect_to_named_daemon(file: Path, name: str) -> tuple[Connection, Welcome]:
    """Connect to the daemon at the address in ``file``. Errors: those of `read_address` and `Connection.send_hello`."""
    connection = Connection(read_address(file))
    try:
        return connection, connection.send_hello(name, timeout=_HELLO_TIMEOUT)
    except BaseException:
        connection.close()
        raise
