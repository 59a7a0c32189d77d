"""Tests of daemons named by a file: the procedure of docs/security.md, with a TCP forwarder instead of ssh."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gramarye import Client
from gramarye.client.daemon_file import read_address
from gramarye.errors import DaemonError
from gramarye_gimp.daemon.blocking_run import wait_until_ready
from gramarye_gimp.daemon.connection import DaemonConnection
from support.homes import Home
from support.peers import noise_layer, red_stripes
from support.tunnel import Tunnel


@pytest.fixture
def copied_connection_file(shared_home: Home, tmp_path: Path) -> Iterator[Path]:
    """A copy of the daemon's connection file, with the port of a tunnel."""
    told = json.loads(shared_home.connection_file.read_text())
    with Tunnel(int(told["endpoint"].rpartition(":")[2])) as tunnel:
        folder = tmp_path / "away"
        folder.mkdir(mode=0o700)
        file = folder / "connection.json"
        file.write_text(json.dumps({**told, "endpoint": f"tcp://127.0.0.1:{tunnel.port}"}))
        file.chmod(0o600)
        yield file


def test_the_client_paints_through_a_tunnel(copied_connection_file: Path, shared_home: Home) -> None:
    with Client(daemon=copied_connection_file) as client:
        assert client.welcome.pid == shared_home.ready_message["pid"]
        painting = client.paint(noise_layer(), [red_stripes()], network="tiny", steps=2, scales=1)
    assert painting.pixels.width == noise_layer().width


def test_an_editors_plugin_reaches_the_daemon_through_a_tunnel(
    copied_connection_file: Path, shared_home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRAMARYE_RUNTIME_DIR", str(copied_connection_file.parent))
    daemon = DaemonConnection("test", str(tmp_path))
    try:
        daemon.connect_or_start()
        wait_until_ready(daemon)
        assert daemon.is_ready
        assert daemon.session.welcome is not None
        assert daemon.session.welcome.pid == shared_home.ready_message["pid"]
    finally:
        daemon.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards the folder by its access list")
def test_a_file_that_others_can_read_is_refused(copied_connection_file: Path) -> None:
    copied_connection_file.chmod(0o644)
    with pytest.raises(DaemonError) as caught:
        Client(daemon=copied_connection_file)
    assert caught.value.code == "connection-unsafe"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"server_key": 1}', '{"server_key": "", "version": 1}'])
def test_a_damaged_file_is_refused_with_a_hint(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pass.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(DaemonError) as caught:
        read_address(file)
    assert caught.value.code in ("connection-malformed", "version-unsupported")
    assert caught.value.hint


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DaemonError) as caught:
        Client(daemon=tmp_path / "none.json")
    assert caught.value.code == "connection-missing"


def test_a_daemon_named_by_a_file_is_never_started(copied_connection_file: Path) -> None:
    told = json.loads(copied_connection_file.read_text())
    copied_connection_file.write_text(json.dumps({**told, "endpoint": "tcp://127.0.0.1:1"}))
    with pytest.raises(DaemonError) as caught:
        Client(daemon=copied_connection_file)
    assert caught.value.code == "daemon-lost"
    assert os.listdir(copied_connection_file.parent) == ["connection.json"]
