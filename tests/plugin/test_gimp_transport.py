"""The GIMP plugin's connection to the daemon: finding, starting and painting. Needs no GIMP."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gramarye_gimp.daemon.blocking_run import paint, wait_until_ready
from gramarye_gimp.daemon.connection import DaemonConnection
from gramarye_gimp.failures import PaintCancelled, PaintError
from gramarye_plugin.backend import Backend, save_backend
from gramarye_plugin.paint_job import PaintJob
from gramarye_protocol.connection import ConnectionInfo, read_connection, write_connection
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import StyleInput, Submit
from gramarye_protocol.pixels import PixelBuffer
from support.homes import Home, use_home
from support.peers import noise_layer

STYLE = StyleInput(noise_layer(32, 32, "RGB"))
UNCHANGED = {"steps": 0, "sketch": 0}


class RecordingProgress:
    """Stands in for GIMP's progress bar; ``stop`` is called at the first step."""

    def __init__(self, stop: Any = None) -> None:
        self.views: list[JobView] = []
        self.ends = self.waits = 0
        self._stop = stop
        self._painting: PaintJob | None = None

    def begin(self, painting: PaintJob) -> None:
        """Keep the job."""
        self._painting = painting

    def show(self, view: JobView) -> None:
        """Record the view."""
        self.views.append(view)
        if self._stop is not None and view.progress is not None:
            stop, self._stop = self._stop, None
            stop(self._painting)

    def wait(self) -> None:
        """Count the call."""
        self.waits += 1

    def process_events(self) -> None:
        """Nothing to do."""

    def end(self) -> None:
        """Count the call."""
        self.ends += 1


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonConnection]:
    """A connection whose plugin folder is ``tmp_path``."""
    daemon_connection = DaemonConnection("test", str(tmp_path))
    yield daemon_connection
    daemon_connection.close()


def run_paint(daemon: DaemonConnection, submit: Submit, recorder: RecordingProgress | None = None) -> PixelBuffer:
    daemon.connect_or_start()
    wait_until_ready(daemon)
    return paint(daemon, submit, recorder or RecordingProgress()).pixels  # type: ignore[arg-type]


def endless_submit() -> Submit:
    return Submit(noise_layer(40, 32, "RGBA"), (STYLE,), "seed", {"steps": 100_000}, network="tiny")


def test_a_layer_larger_than_every_buffer_is_returned_unchanged(
    daemon: DaemonConnection, shared_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_home(shared_home, monkeypatch)
    layer = PixelBuffer(2000, 1500, "RGBA", "u16", os.urandom(2000 * 1500 * 8))
    assert bytes(run_paint(daemon, Submit(layer, (STYLE,), recipe=UNCHANGED, network="tiny")).data) == layer.data


def test_progress_is_shown_and_ended(
    daemon: DaemonConnection, shared_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_home(shared_home, monkeypatch)
    recorder = RecordingProgress()
    submit = Submit(noise_layer(40, 32, "RGBA"), (STYLE,), recipe={"steps": 3, "sketch": 0}, network="tiny")
    run_paint(daemon, submit, recorder)
    assert recorder.ends == 1
    assert [view.progress.step for view in recorder.views if view.progress][-1] == 3


def test_a_painting_is_stopped_or_kept(
    daemon: DaemonConnection, shared_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_home(shared_home, monkeypatch)
    assert (
        run_paint(daemon, endless_submit(), RecordingProgress(lambda painting: painting.cancel(keep=True))).width == 40
    )
    with pytest.raises(PaintCancelled):
        run_paint(daemon, endless_submit(), RecordingProgress(lambda painting: painting.cancel()))


def test_a_refusal_of_the_daemon_is_reported_in_its_own_sentence(
    daemon: DaemonConnection, shared_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_home(shared_home, monkeypatch)
    with pytest.raises(PaintError, match="no-such-network"):
        run_paint(daemon, Submit(noise_layer(40, 32), (STYLE,), network="no-such-network"))


def test_a_daemon_that_dies_and_cannot_be_replaced_is_reported(daemon: DaemonConnection, home: Home) -> None:
    process = home.start_daemon()
    with pytest.raises(PaintError) as caught:
        run_paint(daemon, endless_submit(), RecordingProgress(lambda _painting: process.kill()))
    assert caught.value.refused.code == "backend-missing"


def test_a_daemon_that_dies_is_replaced_and_the_next_finishes(
    daemon: DaemonConnection, home: Home, tmp_path: Path
) -> None:
    save_backend(Backend(sys.executable), str(tmp_path))
    process = home.start_daemon()
    progress = RecordingProgress(lambda _painting: process.kill())
    submit = endless_submit()
    result = run_paint(daemon, replace(submit, recipe={**submit.recipe, "steps": 60}), progress)
    assert result.width == submit.pixels.width
    assert (progress.waits > 0, progress.ends) == (True, 1)
    assert read_connection(str(home.connection_file)).pid != process.pid
    os.kill(read_connection(str(home.connection_file)).pid, signal.SIGTERM)


@pytest.mark.parametrize("leftover", [False, True])
def test_a_daemon_is_started_if_none_runs(daemon: DaemonConnection, home: Home, tmp_path: Path, leftover: bool) -> None:
    save_backend(Backend(sys.executable), str(tmp_path))
    if leftover:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        write_connection(ConnectionInfo(f"tcp://127.0.0.1:{port}", "00" * 32, 1), str(home.connection_file))
    daemon.connect_or_start()
    assert not daemon.is_ready
    wait_until_ready(daemon)
    os.kill(read_connection(str(home.connection_file)).pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while daemon.refusal is None and time.monotonic() < deadline:
        daemon.poll(0.05)
    assert daemon.refusal is not None
    assert daemon.refusal.code == "daemon-lost"


def test_without_a_backend_the_message_tells_how_to_install_one(daemon: DaemonConnection, home: Home) -> None:
    assert not home.connection_file.exists()
    daemon.connect_or_start()
    with pytest.raises(PaintError, match="gramarye plugin install"):
        wait_until_ready(daemon)
    assert "gramarye plugin install" in daemon.status().sentence


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 1", "did not start"),
        ("echo nonsense; exec sleep 5", "did not start"),
        ('echo \'{"error": {"code": "x", "message": "It is broken.", "hint": "Mend it."}}\'', "It is broken. Mend it."),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_a_daemon_that_cannot_start_gives_its_reason(
    daemon: DaemonConnection, home: Home, tmp_path: Path, script: str, said: str
) -> None:
    assert not home.connection_file.exists()
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(stat.S_IRWXU)
    save_backend(Backend(str(python)), str(tmp_path))
    daemon.connect_or_start()
    with pytest.raises(PaintError, match=said):
        wait_until_ready(daemon)


def test_another_program_on_the_daemons_port_is_reported(daemon: DaemonConnection, home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        write_connection(ConnectionInfo(f"tcp://127.0.0.1:{port}", "00" * 32, 1), str(home.connection_file))
        daemon.connect_or_start()
        daemon.poll(0.0)
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(64))
            with pytest.raises(PaintError) as caught:
                wait_until_ready(daemon)
    assert len(str(caught.value)) > 20


def test_a_connection_file_that_others_can_read_is_refused(daemon: DaemonConnection, home: Home) -> None:
    write_connection(ConnectionInfo("tcp://127.0.0.1:9", "00" * 32, 1), str(home.connection_file))
    home.connection_file.chmod(0o644)
    daemon.connect_or_start()
    with pytest.raises(PaintError, match="Delete it"):
        wait_until_ready(daemon)
