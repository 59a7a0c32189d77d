"""Tests of a client whose connection breaks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from gramarye import Client
from gramarye_protocol.connection import ConnectionInfo, read_connection, write_connection
from gramarye_protocol.messages import Cancelled, Event, Progress
from support.homes import Home
from support.peers import noise_layer

LAYER = noise_layer(32, 32, "RGB")


class Relay:
    """TCP relay between clients and the daemon's port, which can break the connections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection, but accept new ones."""
        ends, self._ends = self._ends, []
        for end in ends:
            _shut_down(end)

    def close(self) -> None:
        """Break every connection, and accept no new ones."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed
                return
            far = socket.create_connection(("127.0.0.1", self._port))
            self._ends += [near, far]
            threading.Thread(target=_pump, args=(near, far), daemon=True).start()
            threading.Thread(target=_pump, args=(far, near), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            sink.sendall(data)
    except OSError:  # cut
        pass
    finally:
        _shut_down(sink)


def _shut_down(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:  # already closed by its peer
        pass
    finally:
        end.close()


@pytest.fixture
def relay(shared_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """A relay through which clients of this process reach the shared daemon."""
    info = read_connection(str(shared_home.connection_file))
    made = Relay(info.port)
    monkeypatch.setenv("GRAMARYE_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("gramarye.client.client._RESUBSCRIBE_AFTER", 0.3)
    monkeypatch.setattr("gramarye.client.client._REPLY_TIMEOUT", 1.0)
    write_connection(
        ConnectionInfo(f"tcp://127.0.0.1:{made.port}", info.key, info.pid), str(tmp_path / "connection.json")
    )
    with FileLock(tmp_path / "daemon.lock"):
        yield made
    made.close()


def _first_progress(events: Iterator[Event]) -> None:
    assert any(isinstance(event, Progress) for event in events)


def test_a_reconnected_client_receives_the_ending_it_missed(client: Client, relay: Relay) -> None:
    with Client(start=False) as cut:
        job = cut.submit(LAYER, [LAYER], network="tiny", steps=100_000, optimiser="adam")
        events = iter(job)
        _first_progress(events)
        relay.cut()
        client.cancel(job.id)
        assert isinstance(list(events)[-1], Cancelled)


def test_a_reconnected_client_receives_the_events_of_a_running_job(client: Client, relay: Relay) -> None:
    with Client(start=False) as cut:
        job = cut.submit(LAYER, [LAYER], network="tiny", steps=100_000, optimiser="adam")
        events = iter(job)
        _first_progress(events)
        relay.cut()
        for _ in range(2):  # not only the current state, but also later events
            passed = client.status(job.id).jobs[0].step
            assert any(isinstance(event, Progress) and event.step > passed for event in events)
        cut.cancel(job.id)
        assert isinstance(list(events)[-1], Cancelled)
