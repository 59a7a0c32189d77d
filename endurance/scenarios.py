"""Scenarios of a few seconds each: clients that stay, leave, reconnect, are killed, or send garbage."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from gramarye_protocol.connection import read_connection
from gramarye_protocol.jobs import CANCELLED, DONE, QUEUED, RUNNING
from gramarye_protocol.messages import (
    Accepted,
    Cancel,
    Cancelled,
    Done,
    FetchResult,
    Hello,
    JobList,
    ListStyles,
    Message,
    Preview,
    Progress,
    Refused,
    Result,
    Status,
    StyleList,
    Submit,
    Watch,
    WatchOptions,
    Welcome,
)
from gramarye_protocol.pixels import PixelBuffer
from support.homes import Home
from support.peers import Peer

from . import REPOSITORY
from .workload import ENDLESS, PAINTED, UNTOUCHED, layer, submit_message

_PATIENCE = 60.0

M = TypeVar("M", bound=Message)


def client_stays(home: Home) -> None:
    """A client paints with previews, lists styles, fetches the result and leaves."""
    with Peer(home) as peer:
        _expect(Welcome, peer.ask(Hello((1,), "soak")))
        _expect(StyleList, peer.ask(ListStyles()))
        watch = WatchOptions(preview_steps=1, preview_side=16)
        job = _submit(peer, replace(submit_message(PAINTED, layer(1)), watch=watch))
        peer.await_kind(Preview)
        peer.await_kind(Done)
        _expect(Result, peer.ask(FetchResult(job)))


def client_leaves(home: Home) -> None:
    """A client submits and leaves; another fetches the painting."""
    with Peer(home) as peer:
        painted = _submit(peer, submit_message(PAINTED, layer(2)))
        untouched = _submit(peer, submit_message(UNTOUCHED, layer(3)))
    with Peer(home) as peer:
        for job in (painted, untouched):
            _await_state(peer, job, DONE)
            _expect(Result, peer.ask(FetchResult(job)))


def client_sends_large_layer(home: Home) -> None:
    """A client sends a layer so large that pyzmq sends it without a copy, for which it starts threads that stay."""
    large = PixelBuffer(256, 256, "RGB", "u8", os.urandom(256 * 256 * 3))
    with Peer(home) as peer:
        job = _submit(peer, submit_message(UNTOUCHED, large))
        _await_state(peer, job, DONE)
        _expect(Result, peer.ask(FetchResult(job)))


def client_cancels(home: Home) -> None:
    """A client cancels a waiting job, a running one, and a running one whose best iterate is kept."""
    with Peer(home) as peer:
        running = _submit(peer, submit_message(ENDLESS, layer(4)))
        peer.await_kind(Progress)
        waiting = _submit(peer, submit_message(PAINTED, layer(5)))
        peer.ask(Cancel(waiting))
        assert peer.await_kind(Cancelled).job == waiting
        peer.ask(Cancel(running, keep=True))
        assert peer.await_kind(Done).kept
        other = _submit(peer, submit_message(ENDLESS, layer(6)))
        peer.await_kind(Progress)
        peer.ask(Cancel(other))
        assert peer.await_kind(Cancelled).job == other


def client_reconnects(home: Home) -> None:
    """A client disconnects while its job runs, and watches it again over another connection."""
    with Peer(home) as peer:
        job = _submit(peer, submit_message(ENDLESS, layer(7)))
    with Peer(home) as peer:
        peer.ask(Watch(job, WatchOptions(preview_every=0.05, preview_side=16)))
        peer.await_kind(Preview)
        peer.ask(Cancel(job))
        peer.await_kind(Cancelled)


def client_is_killed(home: Home) -> None:
    """A client process is killed: its job ends with it if it asked for that; otherwise another client cancels it."""
    for way in ("ends", "stays"):
        job = _run_and_kill_client(home, way)
        with Peer(home) as peer:
            if way == "stays":
                assert _state(peer, job) == RUNNING
                peer.ask(Cancel(job))
            _await_state(peer, job, CANCELLED)


def malformed_clients(home: Home) -> None:
    """Malformed clients: no ZMTP, a broken connection, another key, a replayed message."""
    port = read_connection(str(home.connection_file)).port
    for words in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" + bytes(8) + b"\x7f\x03", os.urandom(200), b""):
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            stranger.sendall(words)
    with Peer(home) as peer:
        frames = peer.seal(Status(), message_id=os.urandom(8).hex())
        for sent in ([bytes(32), *frames[1:]], frames, frames):
            peer.send(sent)
        codes = sorted(peer.await_kind(Refused).code for _ in range(2))
        assert codes == ["message-replayed", "message-unsigned"], codes


SCENARIOS: tuple[Callable[[Home], None], ...] = (
    client_stays,
    client_leaves,
    client_sends_large_layer,
    client_cancels,
    client_reconnects,
    client_is_killed,
    malformed_clients,
)


def _run_and_kill_client(home: Home, way: str) -> str:
    """Start a client process, kill it while its job runs, and return the job."""
    command = [sys.executable, "-m", "endurance.client_process", str(home.root), way]
    path = os.pathsep.join([home.environ["PYTHONPATH"], str(REPOSITORY / "tests")])
    environ = {**home.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        job = process.stdout.readline().decode().strip()
        process.kill()
    assert job, "the visitor's job ran"
    return job


def _submit(peer: Peer, message: Submit) -> str:
    return _expect(Accepted, peer.ask(message)).job


def _expect(kind: type[M], message: Message) -> M:
    assert isinstance(message, kind), message
    return message


def _state(peer: Peer, job: str) -> str:
    return _expect(JobList, peer.ask(Status(job))).jobs[0].state


def _await_state(peer: Peer, job: str, wanted: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while (state := _state(peer, job)) in (QUEUED, RUNNING) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert state == wanted, state
