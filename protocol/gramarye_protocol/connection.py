"""The connection file, by which a client finds the daemon and proves that it runs as the same user.

Like Jupyter's: a JSON file that only its owner can read, with endpoint, key, pid and version.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from dataclasses import asdict, dataclass
from typing import Mapping

from . import PROTOCOL_MAJOR
from .errors import ProtocolError

FILE_NAME = "connection.json"


@dataclass(frozen=True)
class ConnectionInfo:
    """Contents of a connection file.

    ``endpoint`` is ``tcp://127.0.0.1:PORT``, ``key`` is 64 hexadecimal digits, ``pid`` is the daemon's process id,
    ``version`` is the protocol's major version.
    """

    endpoint: str
    key: str
    pid: int
    version: int = PROTOCOL_MAJOR

    @property
    def key_bytes(self) -> bytes:
        """The HMAC key, 32 bytes."""
        return bytes.fromhex(self.key)

    @property
    def port(self) -> int:
        """The TCP port on loopback."""
        return int(self.endpoint.rsplit(":", 1)[1])


def runtime_dir(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """Return the folder of the connection file, the lock and the log, which only its owner can read.

    ``GRAMARYE_RUNTIME_DIR`` if set; otherwise in LOCALAPPDATA on Windows, in Application Support on macOS, and
    elsewhere in XDG_RUNTIME_DIR, or in the cache folder if that is not set.
    """
    override = environ.get("GRAMARYE_RUNTIME_DIR")
    if override:
        return override
    home = environ.get("USERPROFILE" if platform == "win32" else "HOME") or os.path.expanduser("~")
    if platform == "win32":
        base = environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    elif environ.get("XDG_RUNTIME_DIR"):
        base = environ["XDG_RUNTIME_DIR"]
    else:
        cache = environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
        return os.path.join(cache, "gramarye", "run")
    return os.path.join(base, "gramarye")


def connection_path(environ: Mapping[str, str]) -> str:
    """Return the path of this user's connection file."""
    return os.path.join(runtime_dir(environ), FILE_NAME)


def write_connection(info: ConnectionInfo, path: str) -> None:
    """Write ``info`` atomically, readable and writable by the owner only (0600 in a 0700 folder)."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=FILE_NAME, dir=folder)  # 0600 by mkstemp
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(info), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read_connection(path: str) -> ConnectionInfo:
    """Read a connection file.

    Errors: ``no-daemon`` (no file), ``connection-unsafe`` (others can read or own it),
    ``connection-malformed``, ``version-unsupported``.
    """
    try:
        with open(path, encoding="utf-8") as file:
            _check_permissions(os.fstat(file.fileno()))
            data = json.load(file)
    except FileNotFoundError:
        raise ProtocolError("no-daemon", "No daemon is running.", "Start one: gramarye serve") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ProtocolError(
            "connection-malformed", f"The connection file cannot be read: {error}.", "Start the daemon again."
        ) from None
    return _parse_connection(data)


def _check_permissions(status: os.stat_result) -> None:
    if sys.platform == "win32":  # the folder's access control list protects it there
        return
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise ProtocolError(
            "connection-unsafe",
            "The connection file can be read by, or belongs to, another user.",
            "Delete it and start the daemon again.",
        )


def _parse_connection(data: object) -> ConnectionInfo:
    if not isinstance(data, dict):
        raise ProtocolError(
            "connection-malformed", "The connection file is not a JSON object.", "Start the daemon again."
        )
    if data.get("version") != PROTOCOL_MAJOR:
        raise ProtocolError(
            "version-unsupported",
            f"The daemon speaks version {data.get('version')} of the protocol, this side {PROTOCOL_MAJOR}.",
            "Update the older of the two, then restart the daemon: gramarye stop",
        )
    try:
        info = ConnectionInfo(str(data["endpoint"]), str(data["key"]), int(data["pid"]))
        is_valid = len(info.key_bytes) == 32 and 0 < info.port < 65536 and info.endpoint.startswith("tcp://127.0.0.1:")
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):  # Python's JSON accepts infinities
        is_valid = False
    if not is_valid:
        raise ProtocolError(
            "connection-malformed", "A field of the connection file is missing or invalid.", "Start the daemon again."
        )
    return info
