"""Front and worker understand each other; a broken pipe reads as its end."""

from __future__ import annotations

import io

import pytest

from gramarye.daemon.pipe import (
    JobSpec,
    Observe,
    Paint,
    PipeMessage,
    PreviewRate,
    Quit,
    Ready,
    SizedPreview,
    Stop,
    StoredStyle,
    Unfit,
    read_message,
    write_message,
)
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
