"""Peers that send too much are delayed, then refused, then disconnected; other peers are not affected."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from gramarye_protocol.messages import JobList, Refused, Status
from support.homes import Home
from support.peers import Peer
from support.raw_socket import connect_raw, frame, message, wait_for_bytes, wait_for_close


@pytest.fixture
def flooded(home: Home) -> Home:
    home.start_daemon()
    return home


def _port(home: Home) -> int:
    return int(home.ready_message["endpoint"].rpartition(":")[2])


def _codes(peer: Peer, many: int) -> set[str]:
    """Return the codes of the next ``many`` refusals."""
    return {peer.await_kind(Refused).code for _ in range(many)}


def _await_log(home: Home, words: str) -> None:
    deadline = time.monotonic() + 10
    while words not in home.log() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert words in home.log()


def test_thousands_of_small_requests_are_slowed_then_refused_and_others_are_answered(flooded: Home) -> None:
    with Peer(flooded) as hasty, Peer(flooded) as calm:
        for _ in range(3000):
            hasty.send(hasty.seal(Status()))
        for _ in range(20):
            assert isinstance(calm.ask(Status()), JobList)
        assert _codes(hasty, 20) == {"requests-too-many"}
        _await_log(flooded, "refused too often, at last with requests-too-many")
        assert isinstance(calm.ask(Status()), JobList)


def test_a_client_that_waits_for_its_answers_is_never_refused(flooded: Home) -> None:
    with Peer(flooded) as busy:
        for _ in range(600):
            assert isinstance(busy.ask(Status()), JobList)


def test_a_hasty_client_that_ends_in_time_is_answered_in_full_only_later(flooded: Home) -> None:
    with Peer(flooded) as hasty:
        began = time.monotonic()
        for _ in range(300):
            hasty.send(hasty.seal(Status()))
        for _ in range(300):
            assert isinstance(hasty.await_kind(JobList, Refused), JobList)
        assert time.monotonic() - began >= 0.4  # 100 beyond the burst, at 200 per second


def test_unsigned_garbage_is_refused_and_its_sender_cut_off(flooded: Home) -> None:
    with connect_raw(_port(flooded)) as raw, Peer(flooded) as calm:
        raw.sendall(message([b"x", b"y", b"z"]))
        assert wait_for_bytes(raw, b"message-unsigned")
        with suppress(OSError):  # it may close the connection before all is sent
            for _ in range(300):
                raw.sendall(message([b"x" * 32, b"{}", b"{}"]))
        assert wait_for_close(raw)
        _await_log(flooded, "refused too often, at last with message-unsigned")
        assert isinstance(calm.ask(Status()), JobList)


def test_a_message_of_hundreds_of_thousands_of_parts_is_refused_and_not_held(flooded: Home) -> None:
    port = _port(flooded)
    with connect_raw(port) as raw, Peer(flooded) as calm:
        raw.sendall(frame(b"", True) * 300_000 + frame(b"", False))
        assert wait_for_bytes(raw, b"message-too-large")
        assert isinstance(calm.ask(Status()), JobList)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's memory from /proc")
def test_large_frames_that_are_announced_take_no_memory(flooded: Home) -> None:
    port, pid = _port(flooded), flooded.ready_message["pid"]
    before = _resident(pid)
    lines = []
    try:
        for _ in range(20):
            raw = connect_raw(port)
            lines.append(raw)
            raw.sendall(b"\x02" + ((1 << 30) - 1).to_bytes(8, "big") + bytes(1000))
        with Peer(flooded) as calm:
            assert isinstance(calm.ask(Status()), JobList)
        assert _resident(pid) - before < 64 << 20
    finally:
        for raw in lines:
            raw.close()


def test_a_frame_larger_than_any_message_may_be_ends_the_connection(flooded: Home) -> None:
    with connect_raw(_port(flooded)) as raw:
        raw.sendall(b"\x02" + ((1 << 30) + 1).to_bytes(8, "big"))
        assert wait_for_close(raw)


@pytest.mark.parametrize(
    "data",
    [
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n" + b"\x01\x00" * 100,
        b"\x01\x00" + b"\x02\x00x" * 50,  # ZMTP 1.0: an anonymous peer, then messages
        b"\xff" + bytes(8) + b"\x7f\x01\x05\x00\x00" + b"\x00\x01x" * 50,  # ZMTP 2.0
    ],
    ids=["browser", "ZMTP 1", "ZMTP 2"],
)
def test_browsers_and_peers_of_old_versions_are_turned_away(flooded: Home, data: bytes) -> None:
    port = _port(flooded)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(data)
        assert wait_for_close(raw)
    with Peer(flooded) as calm:
        assert isinstance(calm.ask(Status()), JobList)


def test_connections_beyond_the_bound_are_closed_and_those_before_stay(flooded: Home) -> None:
    port = _port(flooded)
    with Peer(flooded) as calm:
        assert isinstance(calm.ask(Status()), JobList)
        lines = [connect_raw(port) for _ in range(300)]
        try:
            assert all(wait_for_close(raw) for raw in lines[280:])
            assert isinstance(calm.ask(Status()), JobList)
        finally:
            for raw in lines:
                raw.close()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:  # closed connections make room
            with connect_raw(port) as raw:
                if not wait_for_close(raw, within=0.5):
                    return
        raise AssertionError("no room is made")


def _resident(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
