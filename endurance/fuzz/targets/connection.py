"""Connection files, which a killed daemon or another program may have left."""

from __future__ import annotations

from gramarye_protocol.connection import read_connection
from gramarye_protocol.errors import ProtocolError

from ..scratch_file import write_temporary_file
from ..target import Target


def run(data: bytes) -> object:
    """Read a connection file; if it is accepted, it must have a port and a key."""
    info = read_connection(str(write_temporary_file(data)))
    assert 0 < info.port < 65536
    assert len(info.key_bytes) == 32
    return info


def seeds() -> dict[str, bytes]:
    """A valid file, and one of another version."""
    sound = b'{"endpoint": "tcp://127.0.0.1:5555", "key": "%s", "pid": 7, "version": 1}' % (b"0f" * 32)
    return {"sound": sound, "newer": sound.replace(b'"version": 1', b'"version": 2')}


TARGET = Target(
    "connection", run, (ProtocolError,), seeds, 1024, dictionary=("Infinity", "NaN", "null", "true", "1e999")
)
