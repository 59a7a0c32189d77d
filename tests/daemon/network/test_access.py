"""Clients without the right key and replayed messages are refused; names in messages are never used as paths."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gramarye_protocol.codec import dump_json
from gramarye_protocol.frames import CLIENT, DAEMON, seal, sign
from gramarye_protocol.messages import Accepted, Done, JobList, Refused, Shutdown, Status
from support.homes import Home
from support.peers import Peer, noise_layer, small_submit


@pytest.fixture
def peer(shared_home: Home) -> Iterator[Peer]:
    with Peer(shared_home) as made:
        yield made


def _code(peer: Peer, frames: list[bytes]) -> str:
    peer.send(frames)
    refused: Refused = peer.await_kind(Refused)
    return refused.code


def test_no_key_and_a_wrong_key_are_refused(peer: Peer) -> None:
    frames = peer.seal(Shutdown())
    for key in (b"", bytes(32), os.urandom(32), peer.info.key.encode("ascii")):
        assert _code(peer, [sign(frames[1:], key, CLIENT), *frames[1:]]) == "message-unsigned"
    for signature in (b"", bytes(32), frames[0][:31], frames[0] + b"\0", bytes(1 << 20)):
        assert _code(peer, [signature, *frames[1:]]) == "message-unsigned"
    assert isinstance(peer.ask(Status()), JobList)  # the daemon has not shut down


def test_a_stolen_signature_on_another_body_is_refused(peer: Peer) -> None:
    stolen, other = peer.seal(Status()), peer.seal(Shutdown())
    assert _code(peer, [stolen[0], *other[1:]]) == "message-unsigned"
    assert _code(peer, [stolen[0], stolen[1], b'{"job":"x"}']) == "message-unsigned"
    assert _code(peer, [stolen[0], other[1], stolen[2]]) == "message-unsigned"
    assert _code(peer, [*stolen, b"pixels"]) == "message-unsigned"


def test_the_daemons_own_messages_are_refused(peer: Peer) -> None:
    frames = [bytes(frame) for frame in seal(Shutdown(), peer.info.key_bytes, DAEMON, time.time())]
    assert _code(peer, frames) == "message-unsigned"


def test_a_replay_by_another_connection_is_refused(shared_home: Home, peer: Peer) -> None:
    frames = peer.seal(small_submit(steps=1))
    peer.send(frames)
    accepted = peer.await_kind(Accepted)
    with Peer(shared_home) as thief:
        assert _code(thief, frames) == "message-replayed"
    peer.await_kind(Done)
    assert [job.job for job in peer.ask(Status()).jobs].count(accepted.job) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("shift", [-61.0, 61.0, -86400.0])
def test_a_message_of_another_time_is_refused(peer: Peer, shift: float) -> None:
    frames = [bytes(frame) for frame in seal(Status(), peer.info.key_bytes, CLIENT, time.time() + shift)]
    assert _code(peer, frames) == "message-stale"


PATHS = (
    "..",
    "../..",
    "../../state/jobs.sqlite",
    "/etc/passwd",
    "/dev/zero",
    "file:///etc/passwd",
    "..\\..\\secret",
    "C:\\secret.png",
    "\\\\host\\share\\x.png",
    "~/.ssh/id_rsa",
    "swirls/../../secret",
    "secret\0.png",
    "./secret",
    "%2e%2e%2fsecret",
)

LAYER = {"width": 24, "height": 20, "layout": "RGBA", "depth": "u8", "data": 0}
BODIES: dict[str, Any] = {
    "style": lambda path: ("submit", {"pixels": LAYER, "styles": [{"name": path}], "network": "tiny"}),
    "network": lambda path: ("submit", {"pixels": LAYER, "styles": [{"name": "swirls"}], "network": path}),
    "preset": lambda path: ("submit", {"pixels": LAYER, "styles": [{"name": "swirls"}], "preset": path}),
    "continues": lambda path: (
        "submit",
        {"pixels": LAYER, "styles": [{"name": "swirls"}], "network": "tiny", "continues": path},
    ),
    "result": lambda path: ("result", {"job": path}),
    "status": lambda path: ("status", {"job": path}),
    "watch": lambda path: ("watch", {"job": path, "watch": {}}),
    "cancel": lambda path: ("cancel", {"job": path}),
}
KNOWN_REFUSALS = {
    "style": "style-unknown",
    "network": "unknown-network",
    "preset": "recipe-unknown-preset",
    "continues": "continues-unfit",
}


@pytest.mark.parametrize("where", BODIES)
def test_a_path_in_the_place_of_a_name_is_refused_and_nothing_outside_is_made(
    shared_home: Home, peer: Peer, where: str
) -> None:
    secret = shared_home.root / "state" / "secret"
    secret.write_bytes(b"not yours")
    before = _tree(shared_home.root)
    layer = bytes(noise_layer().data)
    for path in (*PATHS, str(secret), str(secret.with_suffix(".png")), "../secret"):
        kind, body = BODIES[where](path)
        header = {"v": 1, "id": f"{time.monotonic_ns():x}", "kind": kind, "time": time.time()}
        frames = [dump_json(header), dump_json(body), *([layer] if kind == "submit" else [])]
        code = _code(peer, [sign(frames, peer.info.key_bytes, CLIENT), *frames])
        assert code == KNOWN_REFUSALS.get(where, "job-unknown"), path
    assert _tree(shared_home.root) == before
    assert secret.read_bytes() == b"not yours"


def test_a_path_as_a_title_is_a_title(peer: Peer) -> None:
    from dataclasses import replace

    accepted = peer.ask(replace(small_submit(steps=1), title="../../../etc/passwd"))
    assert isinstance(accepted, Accepted)
    assert peer.await_kind(Done).job == accepted.job
    summary = peer.ask(Status(accepted.job))
    assert isinstance(summary, JobList)
    assert summary.jobs[0].title == "../../../etc/passwd"


def _tree(root: Path) -> set[str]:
    """Return every file and folder, except the database's temporary files."""
    return {str(path) for path in root.rglob("*") if "sqlite-" not in path.name}


def _start(home: Home, *options: str) -> tuple[int, dict[str, Any]]:
    """Run a daemon that must not start; return its exit status and error."""
    command = [sys.executable, "-m", "gramarye", "serve", "--device", "cpu", *options]
    done = subprocess.run(command, env=home.environ, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)["error"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards folders by their access lists")
@pytest.mark.parametrize("name", ["runtime", "state"])
def test_a_daemon_does_not_start_in_a_folder_that_others_may_use(home: Home, name: str) -> None:
    folder = home.root / name
    folder.mkdir()
    folder.chmod(0o755)
    status, error = _start(home)
    assert (status, error["code"]) == (5, "folder-unsafe")
    assert "chmod 700" in error["hint"]
    folder.chmod(0o700)
    home.start_daemon()


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can give a folder away")
def test_a_daemon_does_not_start_in_somebody_elses_folder(home: Home) -> None:
    folder = home.root / "runtime"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    assert _start(home)[1]["code"] == "folder-unsafe"
