"""Tests of finding the daemon, and of starting one if none is running."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gramarye import Client
from gramarye.client.launch import is_daemon_running
from gramarye.errors import DaemonError
from gramarye_protocol.connection import ConnectionInfo, write_connection
from support.homes import Home
from support.peers import noise_layer


@pytest.fixture
def startable_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home in which clients may start a daemon, which is stopped at the end."""
    monkeypatch.setenv("PYTHONPATH", home.environ["PYTHONPATH"])
    yield home
    if home.connection_file.exists():
        with Client(start=False) as client:
            client.shutdown()
    deadline = time.monotonic() + 20
    while is_daemon_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_daemon_running()


@pytest.mark.skipif(os.name == "nt", reason="ends the started daemon by its pid, with a POSIX signal")
def test_clients_that_start_at_once_start_one_daemon_for_both(startable_home: Home) -> None:
    pids: list[int] = []

    def connect_once() -> None:
        with Client() as client:
            pids.append(client.welcome.pid)

    clients = [threading.Thread(target=connect_once) for _ in range(2)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert len(pids) == 2
    assert len(set(pids)) == 1
    os.kill(pids[0], signal.SIGTERM)
    deadline = time.monotonic() + 20
    while startable_home.connection_file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not startable_home.connection_file.exists()


@pytest.mark.usefixtures("startable_home")
def test_a_client_waits_for_a_new_daemon_while_the_old_one_exits() -> None:
    layer = noise_layer(32, 32, "RGB")
    with Client() as client:
        old = client.welcome.pid
        client.submit(layer, [layer], network="tiny", steps=100_000, optimiser="adam")
        client.shutdown()
    with Client() as client:
        (kept,) = client.status().jobs
        assert kept.state in ("queued", "running"), "the new daemon did not resume the job"
        client.cancel(kept.job)
        assert client.welcome.pid != old


def test_the_reason_why_a_daemon_cannot_start_is_reported(startable_home: Home) -> None:
    state = startable_home.root / "state"
    state.mkdir(mode=0o700)
    (state / "jobs.sqlite").mkdir()
    with pytest.raises(DaemonError) as caught:
        Client()
    assert caught.value.code == "ledger-unreadable"


def test_an_old_file_whose_port_another_program_uses_counts_as_no_daemon(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        info = ConnectionInfo(f"tcp://127.0.0.1:{other.getsockname()[1]}", bytes(32).hex(), 1)
        write_connection(info, str(home.connection_file))
        with pytest.raises(DaemonError) as caught:
            Client(start=False)
    assert caught.value.code == "no-daemon"


def test_the_daemon_imports_nothing_from_its_clients_working_directory(
    startable_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = tmp_path / "standing"
    standing.mkdir()
    (standing / "secrets.py").write_text("raise RuntimeError('imported from the folder of a user')")
    monkeypatch.chdir(standing)
    for name in ("RUNTIME", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"GRAMARYE_{name}_DIR", os.path.relpath(startable_home.root / name.lower()))
    with Client() as client:
        layer = noise_layer(32, 32, "RGB")
        assert client.paint(layer, [layer], network="tiny", steps=2, scales=1).network == "tiny"
    assert (startable_home.root / "state").is_dir()
    assert sorted(path.name for path in standing.iterdir()) == ["secrets.py"]
