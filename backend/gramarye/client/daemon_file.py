"""Files that name a daemon other than the user's own: on another machine, or behind a tunnel."""

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
"""How to reach a daemon: on the loopback interface, or on another machine with CURVE."""


def daemon_file_from_env() -> Path | None:
    """Return the file named by GRAMARYE_DAEMON; None if it is unset, which means this user's own daemon."""
    value = os.environ.get(DAEMON_VARIABLE)
    return Path(value) if value else None


def read_address(path: Path) -> Address:
    """Read a pass, or the connection file of a daemon whose port is forwarded to this machine.

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
            f"The file {path}, which should name a daemon, does not exist.",
            "Check --daemon or GRAMARYE_DAEMON.",
        ) from None
    except (OSError, ValueError) as error:
        raise DaemonError(
            "connection-malformed", f"The file {path} cannot be read: {error}.", "Copy it again, or make a new one."
        ) from None
    except ProtocolError as error:
        raise DaemonError(error.code, error.message, error.hint) from None


def host_and_port(address: Address) -> tuple[str, int]:
    """Return the host and the port of a daemon."""
    return address.address if isinstance(address, Pass) else ("127.0.0.1", address.port)
