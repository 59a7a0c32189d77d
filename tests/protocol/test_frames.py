"""Frames that are unsigned, replayed, stale, oversized or malformed are refused, each with its own code."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import (
    CLIENT,
    DAEMON,
    MAX_JSON,
    MAX_PAYLOADS,
    Opener,
    RefusedRequest,
    seal,
    sign,
)
from gramarye_protocol.messages import BY_KIND, Hello, Status, Submit, Unknown
from gramarye_protocol.pixels import Buffer

KEY = b"k" * 32
NOW = 1_700_000_000.0


def _opener() -> Opener:
    return Opener(KEY, CLIENT)


def _signed(header: object, body: object, *payloads: bytes) -> list[bytes]:
    texts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, body)]
    frames = [*texts, *payloads]
    return [sign(frames, KEY, CLIENT), *frames]


def _header(**changes: object) -> dict[str, object]:
    return {"v": 1, "id": "m", "kind": "status", "time": NOW, "reply_to": "", **changes}


def _refusal(frames: Sequence[Buffer], now: float = NOW) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        _opener().open(frames, now)
    return caught.value


def test_a_sealed_message_is_opened_unchanged() -> None:
    envelope = _opener().open(seal(Status("j1"), KEY, CLIENT, NOW, reply_to="r"), NOW)
    assert envelope.message == Status("j1")
    assert envelope.reply_to == "r"


def test_another_key_is_refused() -> None:
    assert _refusal(seal(Status(), b"x" * 32, CLIENT, NOW)).code == "message-unsigned"


def test_a_message_sent_back_to_its_own_side_is_refused() -> None:
    assert _refusal(seal(Status(), KEY, DAEMON, NOW)).code == "message-unsigned"


@pytest.mark.parametrize("frame", [1, 2, 3])
def test_a_changed_byte_in_any_frame_is_refused(frame: int) -> None:
    frames = _signed(_header(), {}, b"pixels")
    frames[frame] = frames[frame][:-1] + bytes([frames[frame][-1] ^ 1])
    assert _refusal(frames).code == "message-unsigned"


def test_bytes_moved_between_payloads_are_refused() -> None:
    frames = _signed(_header(), {}, b"ab", b"cd")
    frames[3:] = [b"abc", b"d"]
    assert _refusal(frames).code == "message-unsigned"


def test_a_replayed_message_is_refused() -> None:
    opener, frames = _opener(), seal(Status(), KEY, CLIENT, NOW)
    opener.open(frames, NOW)
    with pytest.raises(ProtocolError, match="received before"):
        opener.open(frames, NOW + 30)


@pytest.mark.parametrize("age", [-61.0, 61.0, 1e9])
def test_a_message_from_another_time_is_refused(age: float) -> None:
    assert _refusal(seal(Status(), KEY, CLIENT, NOW), NOW + age).code == "message-stale"


def test_ids_are_forgotten_once_their_messages_are_stale() -> None:
    opener = _opener()
    for second in range(0, 3000, 10):
        opener.open(seal(Status(), KEY, CLIENT, NOW + second), NOW + second)
    assert len(opener._seen) < 20


@pytest.mark.parametrize("frames", [[], [b""], [b"", b"{}"]], ids=len)
def test_too_few_frames_are_refused(frames: list[bytes]) -> None:
    assert _refusal(frames).code == "message-malformed"


def test_too_many_payloads_and_too_long_a_body_are_refused_before_hashing() -> None:
    assert _refusal([b"", b"{}", b"{}", *[b""] * (MAX_PAYLOADS + 1)]).code == "message-too-large"
    assert _refusal([b"", b"{}", b" " * (MAX_JSON + 1)]).code == "message-too-large"


@pytest.mark.parametrize(
    "header",
    [
        b"\xff",
        b"[]",
        b"[" * 100_000,
        _header(id=""),
        _header(id="x" * 65),
        _header(id=7),
        _header(time="now"),
        _header(time=True),
        _header(time=10**400),
        b'{"v":1,"id":"m","kind":"status","time":NaN}',
        b'{"v":1,"id":"m","kind":"status","time":1e999}',
        {"v": 1, "id": "m", "kind": "status"},
    ],
)
def test_invalid_headers_are_refused(header: object) -> None:
    assert _refusal(_signed(header, {})).code == "message-malformed"


@pytest.mark.parametrize(
    "body",
    [
        {"job": 7},
        {"job": None},
        {"job": ["j"]},
        {"job": "\ud800"},
        [],
        b"{",
        b'{"job": Infinity}',
        b'{"job": "j", "unknown": [1e999]}',
    ],
)
def test_invalid_bodies_are_refused_with_the_id_of_the_request(body: object) -> None:
    refusal = _refusal(_signed(_header(id="r7"), body))
    assert isinstance(refusal, RefusedRequest)
    assert (refusal.code, refusal.request) == ("message-malformed", "r7")


def test_another_version_is_refused() -> None:
    refusal = _refusal(_signed(_header(v=2), {}))
    assert refusal.code == "version-unsupported"
    assert "version 2" in refusal.message


def test_unknown_kinds_and_fields_of_a_newer_peer_are_tolerated() -> None:
    opener = _opener()
    assert opener.open(_signed(_header(id="a", kind="dance"), {"x": 1}), NOW).message == Unknown("dance", {"x": 1})
    assert opener.open(_signed(_header(id="b", extra=1), {"job": "j", "extra": {}}), NOW).message == Status("j")


PIXELS = {"width": 2, "height": 1, "layout": "RGB", "depth": "u8", "data": 0}


@pytest.mark.parametrize(
    ("changes", "payloads", "code"),
    [
        ({"data": 1}, [b"abcdef"], "message-malformed"),
        ({"data": -1}, [b"abcdef"], "message-malformed"),
        ({"data": True}, [b"abcdef"], "message-malformed"),
        ({"width": 2.0}, [b"abcdef"], "message-malformed"),
        ({"width": "2"}, [b"abcdef"], "message-malformed"),
        ({"offset": [1]}, [b"abcdef"], "message-malformed"),
        ({"offset": [1, "2"]}, [b"abcdef"], "message-malformed"),
        ({"profile": 9}, [b"abcdef"], "message-malformed"),
        ({"layout": "CMYK"}, [b"abcdef"], "pixels-layout"),
        ({"depth": "f64"}, [b"abcdef"], "pixels-depth"),
        ({"width": 0}, [b""], "pixels-empty"),
        ({"height": -1}, [b"abcdef"], "pixels-empty"),
        ({"width": 3}, [b"abcdef"], "pixels-size"),
        ({"width": 10_000, "height": 10_000}, [b"abcdef"], "pixels-size"),
        ({"width": 1 << 40}, [b"abcdef"], "pixels-size"),
        ({}, [b"abcde"], "pixels-size"),
    ],
)
def test_pixels_that_contradict_themselves_are_refused(
    changes: dict[str, object], payloads: list[bytes], code: str
) -> None:
    body = {"pixels": {**PIXELS, **changes}, "styles": []}
    assert _refusal(_signed(_header(kind="submit"), body, *payloads)).code == code


def test_fields_with_a_default_may_be_left_out() -> None:
    body = {"pixels": PIXELS, "styles": [{"name": "swirls"}]}
    message = _opener().open(_signed(_header(kind="submit"), body, b"abcdef"), NOW).message
    assert isinstance(message, Submit)
    assert (message.styles[0].weight, message.watch.preview_side, message.pixels.offset) == (1.0, 512, (0, 0))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(
    kind=st.sampled_from(sorted(BY_KIND)),
    names=st.lists(
        st.sampled_from(["pixels", "styles", "job", "watch", "versions", "recipe", "keep", "start"]),
        max_size=5,
    ),
    values=st.lists(JSON, min_size=5, max_size=5),
    payloads=st.lists(st.binary(max_size=8), max_size=3),
)
def test_signed_garbage_is_a_message_or_a_named_refusal(
    kind: str, names: list[str], values: list[object], payloads: list[bytes]
) -> None:
    frames = _signed(_header(kind=kind), dict(zip(names, values, strict=False)), *payloads)
    with contextlib.suppress(ProtocolError):  # any other exception fails the test
        _opener().open(frames, NOW)


@given(st.lists(st.binary(max_size=64), max_size=6))
def test_unsigned_garbage_is_a_named_refusal(frames: list[bytes]) -> None:
    assert _refusal(frames).code in ("message-malformed", "message-unsigned")


def test_hello_survives_any_text() -> None:
    hello = Hello((1, 2), "Krita 5.3 ✓ \x00")
    assert _opener().open(seal(hello, KEY, CLIENT, NOW), NOW).message == hello
