"""Paintings by a real daemon, with lost connections, restarted daemons and servers that are no daemon."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gramarye_plugin.session import HELLO_TIMEOUT, ConnectionState
from gramarye_protocol.connection import ConnectionInfo, read_connection
from gramarye_protocol.messages import Refused, Result, StyleInput, Submit, WatchOptions
from support.homes import Home
from support.peers import noise_layer
from support.plugin_client import FakeEditor

LAYER = noise_layer(40, 32, "RGBA")
STYLE = StyleInput(noise_layer(32, 32, "RGB"))
KEY = "00" * 32


def submit(steps: int = 4, network: str = "tiny") -> Submit:
    recipe, watch = {"steps": steps, "sketch": 0}, WatchOptions(0.05, 0.05, 32)
    return Submit(LAYER, (STYLE,), recipe=recipe, network=network, watch=watch)


def endless() -> Submit:
    """Return a job that runs until it is stopped: Adam from noise keeps improving, so it does not end early."""
    return Submit(LAYER, (STYLE,), "seed", {"steps": 100_000}, network="tiny", watch=WatchOptions(0.05, 0.0, 32))


@pytest.fixture
def editor() -> Iterator[FakeEditor]:
    made = FakeEditor()
    yield made
    made.close()


def info_of(home: Home) -> ConnectionInfo:
    return read_connection(str(home.connection_file))


def connect_until_ready(editor: FakeEditor, home: Home) -> None:
    editor.connect(info_of(home))
    editor.run_until(lambda: editor.session.connection_state is ConnectionState.READY)


def test_a_painting_comes_back_with_previews_on_the_way(editor: FakeEditor, shared_home: Home) -> None:
    connect_until_ready(editor, shared_home)
    assert editor.session.welcome is not None
    assert editor.session.welcome.options
    editor.paint(submit(12))
    editor.run_until(lambda: editor.listener.outcome is not None)
    result = editor.listener.outcome
    assert isinstance(result, Result)
    assert (result.pixels.width, result.pixels.height, result.pixels.layout) == (40, 32, "RGBA")
    assert any(view.preview is not None for view in editor.listener.views)
    assert [view.progress.step for view in editor.listener.views if view.progress][-1] == 12


@pytest.mark.parametrize("keep", [False, True])
def test_a_painting_can_be_stopped_and_kept(editor: FakeEditor, shared_home: Home, keep: bool) -> None:
    connect_until_ready(editor, shared_home)
    editor.paint(endless())
    editor.run_until(lambda: any(view.progress for view in editor.listener.views))
    assert editor.painting is not None
    editor.painting.cancel(keep)
    editor.run_until(lambda: editor.listener.outcome is not None)
    assert isinstance(editor.listener.outcome, Result) if keep else editor.listener.outcome == "cancelled"


def test_a_cancel_before_the_job_is_accepted_is_not_forgotten(editor: FakeEditor, shared_home: Home) -> None:
    connect_until_ready(editor, shared_home)
    editor.paint(endless())
    assert editor.painting is not None
    editor.painting.cancel()
    editor.run_until(lambda: editor.listener.outcome == "cancelled")


def test_a_refusal_by_the_daemon_is_passed_on(editor: FakeEditor, shared_home: Home) -> None:
    connect_until_ready(editor, shared_home)
    editor.paint(submit(network="no-such-network"))
    editor.run_until(lambda: editor.listener.outcome is not None)
    refused = editor.listener.outcome
    assert isinstance(refused, Refused)
    assert refused.code == "unknown-network"
    assert refused.hint


def test_a_broken_connection_costs_nothing_but_time(editor: FakeEditor, shared_home: Home) -> None:
    connect_until_ready(editor, shared_home)
    editor.paint(endless())
    editor.run_until(lambda: any(view.progress for view in editor.listener.views))
    editor.close()
    assert editor.listener.waiting_count == 1
    before = len(editor.listener.views)
    connect_until_ready(editor, shared_home)
    editor.run_until(lambda: len(editor.listener.views) > before + 2)
    assert editor.painting is not None
    editor.painting.cancel(keep=True)
    editor.run_until(lambda: isinstance(editor.listener.outcome, Result))


def test_a_painting_that_ended_meanwhile_is_fetched_on_return(editor: FakeEditor, shared_home: Home) -> None:
    connect_until_ready(editor, shared_home)
    editor.paint(submit(30))
    editor.run_until(lambda: bool(editor.painting and editor.painting.job))
    editor.close()
    other = FakeEditor()
    other.connect(info_of(shared_home))
    other.run_until(lambda: other.session.connection_state is ConnectionState.READY)
    other.paint(submit(2))  # behind it in the queue
    other.run_until(lambda: other.listener.outcome is not None)
    other.close()
    connect_until_ready(editor, shared_home)
    editor.run_until(lambda: isinstance(editor.listener.outcome, Result))


@contextmanager
def relay_port(port: int, limit: int = 1 << 30, pause: float = 0.0) -> Iterator[int]:
    """Relay one connection to the daemon's ``port``; cut it after ``limit`` bytes from the daemon.

    ``pause`` is the delay in seconds before each chunk. Yields the relay's port.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def relay() -> None:
            near, _ = listener.accept()
            with near, socket.create_connection(("127.0.0.1", port)) as far:
                passed = 0
                while passed < limit:
                    for source in select.select([near, far], [], [], 30.0)[0]:
                        data = source.recv(1 << 12)
                        if not data:
                            return
                        time.sleep(pause)
                        (far if source is near else near).sendall(data)
                        passed += len(data) if source is far else 0

        thread = threading.Thread(target=relay, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(35)


def test_a_connection_that_dies_in_the_middle_of_the_pixels_costs_nothing_but_time(
    editor: FakeEditor, shared_home: Home
) -> None:
    info = info_of(shared_home)
    layer = noise_layer(400, 300, "RGBA")
    with relay_port(info.port, limit=300_000) as port:  # of the 480,000 bytes of the result
        editor.connect(info, port)
        editor.run_until(lambda: editor.session.connection_state is ConnectionState.READY)
        editor.paint(Submit(layer, (STYLE,), recipe={"steps": 0, "sketch": 0}, network="tiny"))
        editor.run_until(lambda: editor.session.connection_state is ConnectionState.DISCONNECTED)
    assert editor.listener.outcome is None
    assert editor.listener.waiting_count == 1
    connect_until_ready(editor, shared_home)
    editor.run_until(lambda: editor.listener.outcome is not None)
    assert isinstance(editor.listener.outcome, Result)
    assert bytes(editor.listener.outcome.pixels.data) == bytes(layer.data)


def test_a_daemon_that_is_stopped_is_waited_for_and_the_next_one_paints_on(editor: FakeEditor, home: Home) -> None:
    first = home.start_daemon()
    connect_until_ready(editor, home)
    editor.paint(Submit(LAYER, (STYLE,), "seed", {"steps": 400}, network="tiny", watch=WatchOptions(0.05, 0.0, 32)))
    editor.run_until(lambda: any(view.progress is not None for view in editor.listener.views))
    first.terminate()
    editor.run_until(lambda: editor.session.connection_state is ConnectionState.DISCONNECTED)
    first.wait(20)
    assert editor.listener.outcome is None
    assert editor.listener.waiting_count >= 1
    home.start_daemon()
    connect_until_ready(editor, home)
    editor.run_until(lambda: editor.listener.outcome is not None, seconds=60.0)
    assert isinstance(editor.listener.outcome, Result)


def test_a_slow_connection_is_waited_for(editor: FakeEditor, shared_home: Home) -> None:
    info = info_of(shared_home)
    with relay_port(info.port, pause=0.02) as port:
        editor.connect(info, port)
        editor.run_until(lambda: editor.session.connection_state is ConnectionState.READY)
        editor.paint(submit(4))
        editor.run_until(lambda: isinstance(editor.listener.outcome, Result), seconds=60.0)
        editor.close()


def test_a_painting_without_a_daemon_fails_at_once(editor: FakeEditor) -> None:
    editor.paint(submit())
    assert isinstance(editor.listener.outcome, Refused)
    assert editor.listener.outcome.code == "daemon-lost"


@contextmanager
def fake_server(reply: bytes) -> Iterator[int]:
    """Serve one connection: send ``reply`` and close. Yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.sendall(reply)
                peer.recv(1 << 16)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" + bytes(63), b"{}"])
def test_a_server_that_is_no_daemon_is_disconnected_with_a_reason(editor: FakeEditor, reply: bytes) -> None:
    with fake_server(reply) as port:
        editor.connect(ConnectionInfo(f"tcp://127.0.0.1:{port}", KEY, 1))
        editor.run_until(lambda: editor.session.connection_state is ConnectionState.DISCONNECTED)
    assert editor.session.reason
    assert editor.session.unreachable is not None
    assert not editor.session.is_connected


def test_a_daemon_with_another_key_is_given_up(editor: FakeEditor, shared_home: Home) -> None:
    own = info_of(shared_home)
    editor.connect(ConnectionInfo(own.endpoint, KEY, own.pid))
    with pytest.raises(AssertionError, match="CONNECTING"):
        editor.run_until(lambda: editor.session.connection_state is not ConnectionState.CONNECTING, seconds=1.0)
    editor.session.tick(time.monotonic() + HELLO_TIMEOUT + 1.0)
    assert editor.session.connection_state is ConnectionState.DISCONNECTED
    assert "does not answer" in editor.session.reason
