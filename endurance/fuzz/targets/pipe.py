"""Arbitrary bytes on the pipe from a faulty worker to the front process."""

from __future__ import annotations

import io

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
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.messages import Cancelled, Done, Failed, Preview, Progress, Started

from ..spec import PIXELS
from ..target import Target

_SPEC = JobSpec("j", "/f", (StoredStyle("style-0", "", 1.0, 0.5, "region-0"),), {"steps": 3}, "tiny", True)
_MESSAGES: tuple[PipeMessage, ...] = (
    Paint(_SPEC, (PreviewRate(64, 0, 0.5),)),
    Observe("j", ()),
    Stop("j", True),
    Quit(),
    Ready("cpu"),
    Unfit("device-unavailable", "There is none.", "Use the CPU."),
    SizedPreview(64, 0, Preview("j", 3, PIXELS)),
    Started("j", "tiny", "cpu"),
    Progress("j", 1, 2, 1, 1, 0.5, 0.5, -1.0),
    Done("j", "tiny", "cpu", 2, 0.5, 1.0),
    Failed("j", "code", "Sentence.", "Hint."),
    Cancelled("j"),
)


def run(data: bytes) -> object:
    """Read messages until the end."""
    stream = io.BufferedReader(io.BytesIO(data))
    decoded = []
    while (message := read_message(stream)) is not None:
        decoded.append(message)
    return decoded


def seeds() -> dict[str, bytes]:
    """One message of every kind, and all of them in sequence."""
    found: dict[str, bytes] = {}
    for message in _MESSAGES:
        stream = io.BytesIO()
        write_message(stream, message)
        found[type(message).__name__.lower()] = stream.getvalue()
    return {**found, "all": b"".join(found.values())}


TARGET = Target(
    "pipe", run, (ProtocolError,), seeds, dictionary=("kind", "body", "sizes", "SizedPreview", "Paint", "-1")
)
