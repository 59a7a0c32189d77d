"""The daemon that a file names, rather than this user's own: on another machine, or behind a tunnel."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeAlias

from gramarye_protocol.connection import ConnectionInfo, read_connection
from gramarye_protocol.errors import ProtocolError

from ..access.passes import Pass, parse_pass
from ..access.private import read_private
from ..errors import DaemonError
from ..files.paths import DAEMON_VARIABLE

Address: TypeAlias = "ConnectionInfo | Pass"
"""How to reach a daemon: on loopback, or on another machine by CURVE."""


def daemon_file_from_env() -> Path | None:
    """The file that the environment names; None where there is none, so that this user's own daemon is meant."""
    value = os.environ.get(DAEMON_VARIABLE)
    return Path(value) if value else None


def read_address(path: Path) -> Address:
    """A pass, or the connection file of a daemon whose port is forwarded to this machine.

    Errors: ``connection-missing``, ``connection-unsafe``, ``connection-malformed``, ``version-unsupported``.
    """
    try:
        data = json.loads(read_private(path))
        if isinstance(data, dict) and "server_key" in data:
            return parse_pass(data)
        return read_connection(str(path))
    except FileNotFoundError:
        raise DaemonError(
            "connection-missing",
            f"There is no file {path} that names a daemon.",
            "Look at --daemon or GRAMARYE_DAEMON.",
        ) from None
    except (OSError, ValueError) as error:
        raise DaemonError(
            "connection-malformed", f"The file {path} cannot be read: {error}.", "Copy it again, or make a new one."
        ) from None
    except ProtocolError as error:
        raise DaemonError(error.code, error.message, error.hint) from None


def host_and_port(address: Address) -> tuple[str, int]:
    """Where its port is."""
    return address.address if isinstance(address, Pass) else ("127.0.0.1", address.port)
