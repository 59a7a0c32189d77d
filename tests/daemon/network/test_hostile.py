"""Invalid messages are answered with an error code; the daemon keeps running and other jobs continue."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gramarye_protocol.codec import dump_json
from gramarye_protocol.frames import CLIENT, sign
from gramarye_protocol.messages import (
    Accepted,
    Cancel,
    Done,
    Failed,
    FetchResult,
    Hello,
    JobList,
    Progress,
    Refused,
    Status,
    Watch,
    Welcome,
)
from gramarye_protocol.pixels import PixelBuffer
from support.homes import Home
from support.peers import Peer, endless_submit, small_submit


@pytest.fixture
def peer(shared_home: Home) -> Iterator[Peer]:
    with Peer(shared_home) as made:
        yield made


def _signed(peer: Peer, body: dict[str, Any], *payloads: bytes, kind: str = "submit", **header: object) -> list[bytes]:
    fields = {"v": 1, "id": f"{time.monotonic_ns():x}", "kind": kind, "time": time.time(), **header}
    frames = [dump_json(fields), dump_json(body), *payloads]
    return [sign(frames, peer.info.key_bytes, CLIENT), *frames]


def _refusal(peer: Peer, frames: list[bytes]) -> Refused:
    peer.send(frames)
    refused: Refused = peer.await_kind(Refused)
    assert refused.message.endswith(".")
    return refused


def test_an_unsigned_message_is_refused(peer: Peer) -> None:
    frames = peer.seal(Status())
    assert _refusal(peer, [b"\0" * 32, *frames[1:]]).code == "message-unsigned"


def test_a_replayed_submit_is_refused(peer: Peer) -> None:
    frames = peer.seal(small_submit(steps=1))
    peer.send(frames)
    peer.await_kind(Accepted)
    assert _refusal(peer, frames).code == "message-replayed"


@pytest.mark.parametrize("frames", [[b"x"], [b"", b"", b""], [b"x"] * 200], ids=["one", "empty", "many"])
def test_truncated_and_oversized_messages_are_refused(peer: Peer, frames: list[bytes]) -> None:
    assert _refusal(peer, frames).code in ("message-malformed", "message-unsigned", "message-too-large")


LONG = "\u200b" * 170_000
"""Unprintable characters: 1020 KB of JSON, and 1190 KB when quoted with escapes."""


@pytest.mark.parametrize("kind", ["submit", "status", LONG], ids=["submit", "status", "unknown"])
def test_a_refusal_that_quotes_a_long_value_still_fits_into_a_message(peer: Peer, kind: str) -> None:
    pixels = {"width": 16, "height": 16, "layout": "GRAY", "depth": "u8", "data": 0}
    bodies: dict[str, dict[str, Any]] = {
        "submit": {"pixels": pixels, "styles": [{"picture": pixels}], "recipe": {"steps": [LONG]}},
        "status": {"job": LONG},
    }
    refused = _refusal(peer, _signed(peer, bodies.get(kind, {}), bytes(256), kind=kind))
    assert refused.code in ("recipe-bad-value", "job-unknown", "message-unknown")


def test_a_frame_beyond_the_hard_bound_closes_the_connection_and_nothing_else(peer: Peer) -> None:
    with socket.create_connection(("127.0.0.1", peer.info.port), timeout=10) as raw:
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL".ljust(55, b"\0")
        raw.sendall(greeting)
        ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
        raw.sendall(b"\x04" + bytes([len(ready)]) + ready)
        raw.sendall(b"\x02" + struct.pack(">Q", 1 << 40))
        while raw.recv(65536):
            pass
    assert isinstance(peer.ask(Status()), JobList)


PIXELS = {"width": 20, "height": 20, "layout": "RGB", "depth": "u8", "data": 0}
STYLES = [{"picture": PIXELS}]
RIGHT = bytes(range(240)) * 5


@pytest.mark.parametrize(
    ("pixels", "payload", "code"),
    [
        ({"width": 0, "height": 0}, b"", "pixels-empty"),
        ({"width": 1, "height": 1}, bytes(3), "layer-too-small"),
        ({"width": 1, "height": 5000}, bytes(15000), "layer-too-small"),
        ({"width": 15, "height": 20}, bytes(900), "layer-too-small"),
        ({"width": 10_000, "height": 10_000}, RIGHT, "pixels-size"),
        ({"width": 1 << 62}, RIGHT, "pixels-size"),
        ({"depth": "u16"}, RIGHT, "pixels-size"),
        ({"layout": "CMYK"}, RIGHT, "pixels-layout"),
        ({"depth": "f64"}, RIGHT, "pixels-depth"),
        ({"width": "20"}, RIGHT, "message-malformed"),
        ({"data": 99}, RIGHT, "message-malformed"),
        ({"offset": [1 << 40, 0]}, RIGHT, "pixels-size"),
        ({"offset": [10**600, 0]}, RIGHT, "pixels-size"),
    ],
)
def test_inconsistent_layers_are_refused(peer: Peer, pixels: dict[str, object], payload: bytes, code: str) -> None:
    body = {"pixels": {**PIXELS, **pixels}, "styles": [{"picture": {**PIXELS, "data": 1}}]}
    assert _refusal(peer, _signed(peer, body, payload, RIGHT)).code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"styles": []}, "no-style"),
        ({"styles": [{"name": "no such style"}]}, "style-unknown"),
        ({"styles": STYLES * 17}, "too-many-styles"),
        ({"styles": [{"picture": PIXELS, "weight": 0.0}]}, "style-bad-value"),
        ({"styles": [{"picture": PIXELS, "scale": 1e9}]}, "style-bad-value"),
        ({"styles": "all"}, "message-malformed"),
        ({"preset": "no such preset"}, "recipe-unknown-preset"),
        ({"recipe": {"no_such_field": 1}}, "recipe-unknown-field"),
        ({"recipe": {"steps": -1}}, "recipe-bad-value"),
        ({"recipe": {"steps": "many"}}, "recipe-bad-value"),
        ({"recipe": {"steps": True}}, "recipe-bad-value"),
        ({"recipe": {"style_weight": [1]}}, "recipe-bad-value"),
        ({"recipe": {"content_layers": ["relu9_9"]}}, "recipe-bad-value"),
        ({"recipe": {"init": "picture"}}, "start-missing"),
        ({"network": "no such network"}, "unknown-network"),
        ({"network": "/etc/passwd"}, "unknown-network"),
        ({"network": "../networks/tiny.safetensors"}, "unknown-network"),
    ],
)
def test_requests_that_cannot_be_granted_are_refused_in_words(
    peer: Peer, changes: dict[str, object], code: str
) -> None:
    body = {"pixels": PIXELS, "styles": STYLES, "network": "tiny", **changes}
    refused = _refusal(peer, _signed(peer, body, RIGHT))
    assert refused.code == code
    assert refused.hint


def test_unknown_requests_and_events_as_requests_are_refused(peer: Peer) -> None:
    assert _refusal(peer, _signed(peer, {}, kind="dance")).code == "message-unknown"
    assert _refusal(peer, _signed(peer, {"job": "j"}, kind="cancelled")).code == "message-unknown"


def test_unknown_fields_are_tolerated(peer: Peer) -> None:
    peer.send(_signed(peer, {"job": "", "colour": "blue"}, kind="status"))
    assert isinstance(peer.await_kind(JobList), JobList)


@pytest.mark.parametrize(("versions", "granted"), [((1,), True), ((3, 1), True), ((2,), False), ((), False)])
def test_versions_are_negotiated(peer: Peer, versions: tuple[int, ...], granted: bool) -> None:
    reply = peer.ask(Hello(versions))
    if granted:
        assert isinstance(reply, Welcome)
        assert reply.version == 1
    else:
        assert isinstance(reply, Refused)
        assert reply.code == "version-unsupported"


def test_a_header_of_another_version_is_refused_in_words(peer: Peer) -> None:
    assert "version 9" in _refusal(peer, _signed(peer, {}, kind="status", v=9)).message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_layer_with_values_that_are_no_numbers_fails_in_words(peer: Peer, value: float) -> None:
    data = struct.pack("<f", value) + struct.pack("<f", 0.5) * (20 * 20 * 3 - 1)
    submit = replace(small_submit(), pixels=PixelBuffer(20, 20, "RGB", "f32", data))
    assert isinstance(peer.ask(submit), Accepted)
    assert peer.await_kind(Failed).code == "pixels-not-finite"


def test_a_fully_transparent_layer_fails_in_words(peer: Peer) -> None:
    submit = replace(small_submit(), pixels=PixelBuffer(20, 20, "RGBA", "u8", bytes(1600)))
    assert isinstance(peer.ask(submit), Accepted)
    assert peer.await_kind(Failed).code == "pixels-transparent"


@pytest.mark.parametrize(
    "message", [Cancel("nope"), Watch("nope"), FetchResult("nope"), Status("nope"), Cancel("../..")]
)
def test_jobs_that_do_not_exist_are_refused(peer: Peer, message: Any) -> None:
    reply = peer.ask(message)
    assert isinstance(reply, Refused)
    assert reply.code == "job-unknown"


def test_a_result_that_is_not_there_yet_is_refused(peer: Peer) -> None:
    accepted = peer.ask(endless_submit())
    assert isinstance(accepted, Accepted)
    reply = peer.ask(FetchResult(accepted.job))
    assert isinstance(reply, Refused)
    assert reply.code == "job-not-done"
    peer.ask(Cancel(accepted.job))


def test_a_running_job_is_untouched_by_bad_peers(shared_home: Home, peer: Peer) -> None:
    accepted = peer.ask(endless_submit())
    assert isinstance(accepted, Accepted)
    before = peer.await_kind(Progress).step
    with Peer(shared_home) as bad:
        for _ in range(20):
            bad.send([b"garbage"] * 3)
            bad.send(_signed(bad, {"pixels": {**PIXELS, "width": 21}, "styles": STYLES}, RIGHT))
        codes = [bad.await_kind(Refused).code for _ in range(40)]
        assert set(codes) == {"message-unsigned", "pixels-size"}
    peer.ask(Cancel(accepted.job, keep=True))
    assert peer.await_kind(Done, Failed).steps > before


def test_a_job_that_asks_for_known_files_cannot_reach_others(peer: Peer, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not yours")
    body = {"pixels": PIXELS, "styles": [{"name": str(secret)}], "network": "tiny"}
    assert _refusal(peer, _signed(peer, body, RIGHT)).code == "style-unknown"
