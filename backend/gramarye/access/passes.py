"""Passes: files with the address and the keys that a client on another machine needs to connect."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gramarye_protocol import PROTOCOL_MAJOR

from ..errors import DaemonError
from .curve import KeyPair, signing_key
from .private import write_private

_ENDPOINT = re.compile(r"tcp://(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True)
class Pass:
    """A pass: ``endpoint`` is ``tcp://HOST:PORT``, ``key`` the signing key (64 hex digits); other keys are in Z85."""

    endpoint: str
    key: str
    server_key: str
    client_key: str
    client_secret: str
    version: int = PROTOCOL_MAJOR

    @property
    def key_bytes(self) -> bytes:
        """The HMAC key, 32 bytes."""
        return bytes.fromhex(self.key)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the endpoint."""
        host, _, port = self.endpoint.removeprefix("tcp://").rpartition(":")
        return host, int(port)


def new_pass(endpoint: str, daemon: KeyPair, client: KeyPair) -> Pass:
    """Return the pass of a client. Errors: ``address-malformed``."""
    if not _is_valid_endpoint(endpoint):
        raise DaemonError(
            "address-malformed", f"{endpoint!r} is not the address of a daemon.", "Write it as tcp://HOST:PORT"
        )
    return Pass(endpoint, signing_key(daemon, client.public).hex(), daemon.public, client.public, client.secret)


def write_pass(access_pass: Pass, path: Path) -> None:
    """Write a pass to a new file that only its owner can read. Errors: FileExistsError, OSError."""
    write_private(path, json.dumps(asdict(access_pass)), replace=False)


def parse_pass(data: dict[str, Any]) -> Pass:
    """Return the pass from a pass file's parsed JSON. Errors: ``connection-malformed``, ``version-unsupported``."""
    if data.get("version") != PROTOCOL_MAJOR:
        raise DaemonError(
            "version-unsupported",
            f"The daemon speaks version {data.get('version')} of the protocol, this client {PROTOCOL_MAJOR}.",
            "Update the older of the two, then make a new pass: gramarye keys add",
        )
    try:
        access_pass = Pass(**{name: data[name] for name in Pass.__dataclass_fields__})
        keys = (access_pass.server_key, access_pass.client_key, access_pass.client_secret)
        is_valid = (
            _is_valid_endpoint(access_pass.endpoint)
            and len(access_pass.key_bytes) == 32
            and all(len(key) == 40 for key in keys)
        )
    except (KeyError, ValueError, TypeError):
        is_valid = False
    if not is_valid:
        raise DaemonError("connection-malformed", "The pass is damaged.", "Make a new one: gramarye keys add")
    return access_pass


def _is_valid_endpoint(endpoint: str) -> bool:
    match = _ENDPOINT.fullmatch(endpoint)
    return match is not None and 0 < int(match["port"]) < 65536
