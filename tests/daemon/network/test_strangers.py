"""Another user of the same machine cannot read the key or the jobs, and is not answered."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gramarye_protocol.connection import ConnectionInfo, read_connection, write_connection
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.messages import JobList, Status
from support.homes import Home, install_random_network
from support.peers import Peer
from support.raw_socket import GREETING, connect_raw, message, ready, wait_for_bytes

PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin:/bin")

_LOOK = """
import os, sys
for path in sys.argv[1:]:
    try:
        os.listdir(path) if path.endswith("/") else open(path).close()
    except PermissionError:
        print("refused")
    else:
        print("open")
"""

_TALK = """
import socket, sys, time
raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
said = b""
try:
    for part in sys.argv[2:]:
        raw.sendall(bytes.fromhex(part))
        time.sleep(0.3)
    raw.settimeout(5)
    while True:
        data = raw.recv(65536)
        if not data:
            break
        said += data
except TimeoutError:
    print("connected", said.hex())
except OSError:
    print("closed", said.hex())
else:
    print("closed", said.hex())
"""


@pytest.fixture
def stranger() -> Iterator[str]:
    """The name of a second account, created for the test."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("useradd") is None or PYTHON is None:
        pytest.skip("only root on Linux, with useradd, can make a second account")
    name = f"gramarye-{secrets.token_hex(4)}"
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/bin/false", name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["userdel", name], check=True, capture_output=True)


@pytest.fixture
def open_home() -> Iterator[Home]:
    """A home that other users can enter, so that only the daemon's own permissions keep them out."""
    folder = Path(tempfile.mkdtemp(prefix="gramarye-"))
    folder.chmod(0o755)
    made = Home(folder)
    install_random_network(made)
    before = os.umask(0)  # the least private setting
    try:
        made.start_daemon()
    finally:
        os.umask(before)
    yield made
    made.close()
    shutil.rmtree(folder)


def _as(user: str, script: str, *arguments: str) -> str:
    assert PYTHON is not None
    done = subprocess.run(
        [PYTHON, "-c", script, *arguments], user=user, cwd="/", capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _signed(home: Home) -> bytes:
    """Return a request signed with the real key, as if it had been stolen."""
    with Peer(home) as peer:
        return message(peer.seal(Status()))


def test_another_user_can_read_neither_the_key_nor_the_jobs(open_home: Home, stranger: str) -> None:
    state, runtime = open_home.root / "state", open_home.root / "runtime"
    assert (state / "jobs.sqlite").exists()
    paths = [f"{runtime}/", str(open_home.connection_file), f"{state}/", f"{state}/spool/", f"{state}/jobs.sqlite"]
    assert _as(stranger, _LOOK, *paths).split() == ["refused"] * len(paths)
    assert _as(stranger, _LOOK, f"{open_home.root}/") == "open"  # so the refusals above come from the modes


def test_another_users_connection_is_closed_even_with_the_key(open_home: Home, stranger: str) -> None:
    port = open_home.ready_message["endpoint"].rpartition(":")[2]
    sent = [GREETING.hex(), ready().hex(), _signed(open_home).hex()]
    verdict, _, said = _as(stranger, _TALK, port, *sent).partition(" ")
    assert verdict == "closed"
    assert b"jobs" not in bytes.fromhex(said)
    assert "another user of this machine was closed" in open_home.log()
    with connect_raw(int(port)) as raw:  # the same request from our user is answered
        raw.sendall(_signed(open_home))
        assert wait_for_bytes(raw, b'"jobs"')
    with Peer(open_home) as peer:
        assert isinstance(peer.ask(Status()), JobList)


def test_another_user_cannot_take_the_place_of_the_daemon(stranger: str, tmp_path: Path) -> None:
    """A connection file that belongs to another user is refused."""
    path = tmp_path / "connection.json"
    with socket.create_server(("127.0.0.1", 0)) as server:
        write_connection(ConnectionInfo(f"tcp://127.0.0.1:{server.getsockname()[1]}", "ab" * 32, 1), str(path))
    shutil.chown(path, stranger)
    with pytest.raises(ProtocolError) as caught:
        read_connection(str(path))
    assert caught.value.code == "connection-unsafe"
