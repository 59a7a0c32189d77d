"""Messages between front and worker: round trips, truncated and invalid data."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest

from gramarye.daemon.job_spec import JobSpec, PreviewRate, StoredStyle
from gramarye.daemon.worker_pipe import (
    Observe,
    Paint,
    PipeMessage,
    Quit,
    Ready,
    SizedPreview,
    Stop,
    Unfit,
    read_message,
    write_message,
)
from gramarye_protocol.codec import dump_json
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.messages import Failed, Preview
from gramarye_protocol.pixels import PixelBuffer

SPEC = JobSpec("j", "/f", (StoredStyle("style-0", "", 1.0, 0.5),), {"steps": 3}, "tiny", True)
PIXELS = PixelBuffer(2, 1, "RGB", "u8", b"abcdef")
MESSAGES: list[PipeMessage] = [
    Paint(SPEC, (PreviewRate(64, 0, 0.5),)),
    Observe("j", ()),
    Stop("j", True),
    Quit(),
    Ready("cpu"),
    Unfit("device-unavailable", "There is none.", "Use the CPU."),
    SizedPreview(64, 0, Preview("j", 3, PIXELS)),
    Failed("j", "code", "Sentence.", "Hint."),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_messages_come_back_and_cut_ones_read_as_the_end(message: PipeMessage) -> None:
    stream = io.BytesIO()
    write_message(stream, message)
    whole = stream.getvalue()
    assert read_message(io.BytesIO(whole)) == message
    for cut in range(len(whole)):
        assert read_message(io.BytesIO(whole[:cut])) is None


def test_messages_follow_each_other() -> None:
    stream = io.BytesIO()
    for message in MESSAGES:
        write_message(stream, message)
    stream.seek(0)
    assert [read_message(stream) for _ in MESSAGES] == MESSAGES
    assert read_message(stream) is None


@pytest.mark.parametrize(
    "envelope",
    [
        {"kind": "Dance", "body": {}},
        {"kind": "Stop", "body": {"job": "j"}},
        {"kind": "Stop", "body": {"job": "j", "keep": True}, "sizes": [-1]},
        {"kind": "Stop", "body": [], "sizes": []},
    ],
    ids=["kind", "field", "negative", "body"],
)
def test_invalid_messages_are_refused_in_words(envelope: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=r"\.$"):
        read_message(io.BytesIO(_framed(envelope)))


@pytest.mark.parametrize("claimed", [1 << 40, 1 << 80])
def test_a_missing_payload_reads_as_the_end(claimed: int) -> None:
    stop = _framed({"kind": "Stop", "body": {"job": "j", "keep": True}, "sizes": [claimed]})
    assert read_message(io.BufferedReader(io.BytesIO(stop + b"x"))) is None


def test_memory_is_allocated_only_as_data_arrives() -> None:
    asked: list[int] = []

    class Stream(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(-1 if size is None else size)
            return super().read(size)

    assert read_message(Stream(b"\xff\xff\xff\xff{")) is None
    assert 0 <= min(asked) <= max(asked) <= 1 << 20


def _framed(envelope: dict[str, Any]) -> bytes:
    text = dump_json(envelope)
    return struct.pack(">I", len(text)) + text
