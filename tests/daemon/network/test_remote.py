"""Clients on other machines connect only by CURVE with a key that was issued to them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import zmq

from gramarye import Client
from gramarye.access.curve import KeyFolder, KeyPair, generate_key_pair, signing_key
from gramarye.access.passes import Pass, new_pass, write_pass
from gramarye.errors import DaemonError
from gramarye_protocol.connection import read_connection
from gramarye_protocol.frames import CLIENT, DAEMON, Opener, seal
from gramarye_protocol.messages import JobList, Message, Progress, Refused, Status, WatchOptions
from support.homes import Home
from support.peers import Peer, noise_layer, red_stripes
from support.raw_socket import connect_raw, message, ready, wait_for_bytes

pytestmark = pytest.mark.skipif(not zmq.has("curve"), reason="this libzmq has no CURVE")


@dataclass
class RemoteDaemon:
    """A daemon that listens for other machines, and the pass of one client."""

    home: Home
    keys: KeyFolder
    client: KeyPair
    access_pass: Pass
    file: Path

    @property
    def port(self) -> int:
        """The port for other machines."""
        return self.access_pass.address[1]


@pytest.fixture
def remote_daemon(home: Home, tmp_path: Path) -> Iterator[RemoteDaemon]:
    keys = KeyFolder(home.root / "data" / "keys")
    client = keys.add("laptop")
    home.start_daemon("--listen", "tcp://127.0.0.1:*")
    access_pass = new_pass(home.ready_message["remote"], keys.daemon_pair(), client)
    write_pass(access_pass, tmp_path / "laptop.json")
    yield RemoteDaemon(home, keys, client, access_pass, tmp_path / "laptop.json")
    for trace in ("unexpectedly", "Traceback", "Exception in callback"):
        assert trace not in home.log(), home.log()


def _exchange(access_pass: Pass, key: bytes, opener_key: bytes, message: Message, wait: float = 10.0) -> Message | None:
    """Send a message signed with ``key``; return the reply, or None after ``wait`` seconds without one."""
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    try:
        socket.setsockopt(zmq.LINGER, 0)
        socket.curve_serverkey = access_pass.server_key.encode()
        socket.curve_publickey = access_pass.client_key.encode()
        socket.curve_secretkey = access_pass.client_secret.encode()
        socket.connect(access_pass.endpoint)
        socket.send_multipart(seal(message, key, CLIENT, time.time()))
        if not socket.poll(int(1000 * wait)):
            return None
        return Opener(opener_key, DAEMON).open(socket.recv_multipart(), time.time()).message
    finally:
        socket.close()
        context.term()


def test_a_client_with_a_pass_paints_watches_and_fetches(remote_daemon: RemoteDaemon) -> None:
    with Client(daemon=remote_daemon.file) as client:
        layer = noise_layer(40, 32)
        job = client.submit(
            layer, [red_stripes()], network="tiny", steps=5, scales=1, watch=WatchOptions(preview_every=0.05)
        )
        kinds = {type(event) for event in job}
        painting = job.result()
        assert Progress in kinds
        assert (painting.pixels.width, painting.pixels.height) == (40, 32)
        assert [listed.job for listed in client.status().jobs] == [job.id]
    with Peer(remote_daemon.home) as local:  # loopback still works and shows the same jobs
        listing = local.ask(Status())
        assert isinstance(listing, JobList)
        assert [listed.job for listed in listing.jobs] == [job.id]


def test_a_layer_larger_than_every_buffer_goes_and_comes(remote_daemon: RemoteDaemon) -> None:
    layer = noise_layer(1024, 800)
    with Client(daemon=remote_daemon.file) as client:
        painting = client.paint(layer, [red_stripes()], network="tiny", steps=0, sketch=0)
    assert bytes(painting.pixels.data[3::4]) == bytes(layer.data[3::4])


def test_the_environment_names_the_pass_as_well(remote_daemon: RemoteDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAMARYE_DAEMON", str(remote_daemon.file))
    monkeypatch.setenv("GRAMARYE_RUNTIME_DIR", str(remote_daemon.home.root / "none"))
    with Client() as client:
        assert client.welcome.pid == remote_daemon.home.ready_message["pid"]


def test_nothing_goes_over_the_wire_in_the_clear(remote_daemon: RemoteDaemon, tmp_path: Path) -> None:
    from support.tunnel import Tunnel

    with Tunnel(remote_daemon.port) as tunnel:
        away = replace(remote_daemon.access_pass, endpoint=f"tcp://127.0.0.1:{tunnel.port}")
        write_pass(away, tmp_path / "away.json")
        with Client(daemon=tmp_path / "away.json") as client:
            client.paint(red_stripes(), [red_stripes()], network="tiny", steps=0, title="a secret title")
        traffic = tunnel.traffic()
    assert len(traffic) > 3000
    for word in (b"secret title", b'"kind"', bytes(red_stripes().data)[:64]):
        assert word not in traffic


def test_a_stranger_is_turned_away_in_words(remote_daemon: RemoteDaemon, tmp_path: Path) -> None:
    stranger = new_pass(remote_daemon.access_pass.endpoint, remote_daemon.keys.daemon_pair(), generate_key_pair())
    write_pass(stranger, tmp_path / "stranger.json")
    with pytest.raises(DaemonError) as caught:
        Client(daemon=tmp_path / "stranger.json")
    assert caught.value.code == "daemon-locked"
    assert "unknown key was turned away" in remote_daemon.home.log()


def test_a_daemon_with_another_key_is_not_trusted(remote_daemon: RemoteDaemon, tmp_path: Path) -> None:
    write_pass(replace(remote_daemon.access_pass, server_key=generate_key_pair().public), tmp_path / "other.json")
    with pytest.raises(DaemonError) as caught:
        Client(daemon=tmp_path / "other.json")
    assert caught.value.code in ("daemon-locked", "daemon-silent")


def test_a_client_that_is_removed_is_shut_out_at_once(remote_daemon: RemoteDaemon) -> None:
    with Client(daemon=remote_daemon.file) as client:
        client.status()
        remote_daemon.keys.remove("laptop")
        time.sleep(2.5)  # the daemon checks the keys every second
        with pytest.raises(DaemonError) as caught:
            client.status()
        assert caught.value.code == "daemon-locked"
    with pytest.raises(DaemonError) as caught:
        Client(daemon=remote_daemon.file)
    assert caught.value.code == "daemon-locked"


def test_a_client_added_later_may_connect(remote_daemon: RemoteDaemon, tmp_path: Path) -> None:
    tablet = remote_daemon.keys.add("tablet")
    write_pass(
        new_pass(remote_daemon.access_pass.endpoint, remote_daemon.keys.daemon_pair(), tablet), tmp_path / "tablet.json"
    )
    with Client(daemon=tmp_path / "tablet.json") as client:
        assert client.welcome.pid == remote_daemon.home.ready_message["pid"]


def test_unencrypted_messages_are_not_answered(remote_daemon: RemoteDaemon) -> None:
    key = read_connection(str(remote_daemon.home.connection_file)).key_bytes
    with connect_raw(remote_daemon.port) as raw:
        with suppress(OSError):  # it closes the connection at once
            raw.sendall(message(bytes(frame) for frame in seal(Status(), key, CLIENT, time.time())))
        assert not wait_for_bytes(raw, b"jobs", within=3.0)


def test_the_local_key_and_another_clients_are_refused_over_curve(remote_daemon: RemoteDaemon) -> None:
    local = read_connection(str(remote_daemon.home.connection_file)).key_bytes
    other = signing_key(remote_daemon.keys.daemon_pair(), remote_daemon.keys.add("tablet").public)
    own = remote_daemon.access_pass.key_bytes
    assert isinstance(_exchange(remote_daemon.access_pass, own, own, Status()), JobList)
    for key in (local, other):
        refused = _exchange(remote_daemon.access_pass, key, own, Status())
        assert isinstance(refused, Refused)
        assert refused.code == "message-unsigned"


def test_a_loopback_client_cannot_pass_for_a_remote_client(remote_daemon: RemoteDaemon) -> None:
    """A peer can send metadata of its own in ZMTP; a User-Id there is ignored."""
    port = read_connection(str(remote_daemon.home.connection_file)).port
    frames = [bytes(frame) for frame in seal(Status(), remote_daemon.access_pass.key_bytes, CLIENT, time.time())]
    with connect_raw(port, ready(User_Id=remote_daemon.client.public.encode())) as raw:
        raw.sendall(message(frames))
        assert wait_for_bytes(raw, b"message-unsigned")


def _serve(home: Home, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "gramarye", "serve", "--device", "cpu", *options]
    done = subprocess.run(command, env=home.environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    error: dict[str, Any] = json.loads(done.stdout)["error"]
    return error


def test_without_keys_it_does_not_listen(home: Home) -> None:
    error = _serve(home, "--listen", "tcp://0.0.0.0:*")
    assert error["code"] == "listen-without-keys"
    assert "gramarye keys add" in error["hint"]


@pytest.mark.parametrize(
    ("listen", "code"),
    [
        ("ipc:///tmp/gramarye", "listen-malformed"),
        ("0.0.0.0:7707", "listen-malformed"),
        ("tcp://0.0.0.0:7707;tcp://0.0.0.0:1", "listen-malformed"),
        ("tcp://0.0.0.0:99999", "listen-malformed"),
        ("tcp://192.0.2.1:*", "listen-failed"),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_refused_in_words(home: Home, listen: str, code: str) -> None:
    KeyFolder(home.root / "data" / "keys").add("laptop")
    assert _serve(home, "--listen", listen)["code"] == code
    assert not home.connection_file.exists()
