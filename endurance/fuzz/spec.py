"""The byte-exact examples of ``protocol/SPEC.md``, and messages of every kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gramarye_protocol import messages
from gramarye_protocol.messages import Message, StyleInput, WatchOptions
from gramarye_protocol.pixels import PixelBuffer

from .. import REPOSITORY

KEY = bytes(range(32))
SIGNED_AT = 1700000000.25

PIXELS = PixelBuffer(2, 1, "RGBA", "u8", b"\xff\0\0\xff\0\0\xff\x80", b"ICC!", (3, -4))
_GREY = PixelBuffer(1, 1, "GRAY", "u16", b"\x34\x12")
_STYLES = (StyleInput(_GREY, "", 2.0, 0.5), StyleInput(None, "swirls", mask=_GREY, part=_GREY))

EVERY_KIND: tuple[Message, ...] = (
    messages.Hello((1,), "krita"),
    messages.Submit(PIXELS, _STYLES, "painting", {"steps": 40}, start=PIXELS, mask=_GREY, title="t"),
    messages.Cancel("0f3a", True),
    messages.Status("0f3a"),
    messages.FetchResult("0f3a"),
    messages.ListStyles(),
    messages.Watch("0f3a", WatchOptions(0.1, 0.5, 64, 0, True)),
    messages.Shutdown(),
    messages.Welcome(1, "gramarye", 7, 1 << 30, "painting", {"a": {"recipe": {}}}, ({"name": "steps"},), ("vgg19",)),
    messages.Accepted("0f3a", 3),
    messages.JobList((messages.JobSummary("0f3a", "t", "done", ended=1.5),), "gramarye", 7, 2.5),
    messages.Result("0f3a", "t", PIXELS, "vgg19", {"steps": 40}),
    messages.StyleList((messages.StyleEntry("swirls", "Swirls", _GREY),)),
    messages.Acknowledged(),
    messages.Refused("queue-full", "256 jobs wait already.", "Cancel some."),
    messages.Queued("0f3a", 2),
    messages.Started("0f3a", "vgg19", "cpu"),
    messages.Progress("0f3a", 7, 160, 1, 2, 0.25, 0.2, 12.5),
    messages.Preview("0f3a", 7, PIXELS),
    messages.Done("0f3a", "vgg19", "cpu", 160, 0.2, 9.5, True),
    messages.Failed("0f3a", "worker-died", "It died.", "Paint again."),
    messages.Cancelled("0f3a"),
)
"""One message of each kind with most fields set."""


@dataclass(frozen=True)
class Example:
    """One example: the frames that ``role`` sends."""

    role: str
    frames: tuple[bytes, ...]


def examples() -> list[Example]:
    """The examples of the specification."""
    text = (REPOSITORY / "protocol" / "SPEC.md").read_text(encoding="utf-8")
    return [
        Example(role, tuple(_frame(line) for line in block.splitlines()))
        for role, block in re.findall(r"```frames (\w+)\n(.*?)```", text, re.DOTALL)
    ]


def _frame(line: str) -> bytes:
    form, _, text = line.partition(" ")
    return bytes.fromhex(text) if form == "hex" else text.encode("ascii")
