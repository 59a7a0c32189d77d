"""How GIMP's plugin finds, starts and talks to the daemon, for which it needs no GIMP."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gramarye_gimp.daemon.blocking_run import paint, reach
from gramarye_gimp.daemon.connection import Daemon
from gramarye_gimp.failures import Stopped, Trouble
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


class Shown:
    """In the place of GIMP's progress bar; ``stop`` is called at the first step."""

    def __init__(self, stop: Any = None) -> None:
        self.views: list[JobView] = []
        self.ends = 0
        self._stop = stop
        self._painting: PaintJob | None = None

    def begin(self, painting: PaintJob) -> None:
        """Kept."""
        self._painting = painting

    def show(self, view: JobView) -> None:
        """Kept."""
        self.views.append(view)
        if self._stop is not None and view.progress is not None:
            stop, self._stop = self._stop, None
            stop(self._painting)

    def turn(self) -> None:
        """Nothing to do."""

    def end(self) -> None:
        """Counted."""
        self.ends += 1


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Of a plugin that was put into ``tmp_path``."""
    made = Daemon("test", str(tmp_path))
    yield made
    made.close()


def painted(daemon: Daemon, submit: Submit, shown: Shown | None = None) -> PixelBuffer:
    daemon.seek()
    reach(daemon)
    return paint(daemon, submit, shown or Shown()).pixels  # type: ignore[arg-type]


def endless() -> Submit:
    return Submit(noise_layer(40, 32, "RGBA"), (STYLE,), "seed", {"steps": 100_000})


def test_a_layer_larger_than_every_buffer_goes_and_comes(
    daemon: Daemon, shared_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_home(shared_home, monkeypatch)
    layer = PixelBuffer(2000, 1500, "RGBA", "u16", os.urandom(2000 * 1500 * 8))
    assert bytes(painted(daemon, Submit(layer, (STYLE,), recipe=UNCHANGED)).data) == layer.data


def test_progress_is_shown_and_ended(daemon: Daemon, shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    use_home(shared_home, monkeypatch)
    shown = Shown()
    painted(daemon, Submit(noise_layer(40, 32, "RGBA"), (STYLE,), recipe={"steps": 3, "sketch": 0}), shown)
    assert shown.ends == 1
    assert [view.progress.step for view in shown.views if view.progress][-1] == 3


def test_a_painting_is_stopped_or_kept(daemon: Daemon, shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    use_home(shared_home, monkeypatch)
    assert painted(daemon, endless(), Shown(lambda painting: painting.cancel(keep=True))).width == 40
    with pytest.raises(Stopped):
        painted(daemon, endless(), Shown(lambda painting: painting.cancel()))


def test_what_the_daemon_refuses_is_told_in_its_words(
    daemon: Daemon, shared_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_home(shared_home, monkeypatch)
    with pytest.raises(Trouble, match="no-such-network"):
        painted(daemon, Submit(noise_layer(40, 32), (STYLE,), network="no-such-network"))


def test_a_daemon_that_dies_while_it_paints_is_told_of(daemon: Daemon, home: Home) -> None:
    process = home.start_daemon()
    with pytest.raises(Trouble, match=r"The daemon has ended\. Run the filter again"):
        painted(daemon, endless(), Shown(lambda _painting: process.kill()))


@pytest.mark.parametrize("leftover", [False, True])
def test_a_daemon_is_started_where_none_runs(daemon: Daemon, home: Home, tmp_path: Path, leftover: bool) -> None:
    save_backend(Backend(sys.executable), str(tmp_path))
    if leftover:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        write_connection(ConnectionInfo(f"tcp://127.0.0.1:{port}", "00" * 32, 1), str(home.connection_file))
    daemon.seek()
    assert not daemon.is_ready
    reach(daemon)
    os.kill(read_connection(str(home.connection_file)).pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while daemon.trouble is None and time.monotonic() < deadline:
        daemon.move(0.05)
    assert daemon.trouble is not None
    assert daemon.trouble.code == "daemon-lost"


def test_without_a_backend_it_is_said_how_to_install_one(daemon: Daemon, home: Home) -> None:
    assert not home.connection_file.exists()
    daemon.seek()
    with pytest.raises(Trouble, match="gramarye plugin install"):
        reach(daemon)
    assert "gramarye plugin install" in daemon.words.sentence


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
    daemon: Daemon, home: Home, tmp_path: Path, script: str, said: str
) -> None:
    assert not home.connection_file.exists()
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(stat.S_IRWXU)
    save_backend(Backend(str(python)), str(tmp_path))
    daemon.seek()
    with pytest.raises(Trouble, match=said):
        reach(daemon)


def test_something_else_on_the_daemons_port_is_left_with_a_reason(daemon: Daemon, home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        write_connection(ConnectionInfo(f"tcp://127.0.0.1:{port}", "00" * 32, 1), str(home.connection_file))
        daemon.seek()
        daemon.move(0.0)
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(64))
            with pytest.raises(Trouble) as told:
                reach(daemon)
    assert len(str(told.value)) > 20


def test_a_connection_file_that_others_can_read_is_refused(daemon: Daemon, home: Home) -> None:
    write_connection(ConnectionInfo("tcp://127.0.0.1:9", "00" * 32, 1), str(home.connection_file))
    home.connection_file.chmod(0o644)
    daemon.seek()
    with pytest.raises(Trouble, match="Delete it"):
        reach(daemon)
