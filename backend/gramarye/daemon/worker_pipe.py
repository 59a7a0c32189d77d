"""The messages between front and worker, over the worker's standard input and output.

A message is a 4-byte big-endian length, that many bytes of JSON ``{"kind", "body", "sizes"}``, then payloads of those
sizes. The types are frozen dataclasses, encoded as those of the protocol.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from gramarye_protocol.codec import decode, dump_json, encode, parse_json
from gramarye_protocol.errors import malformed
from gramarye_protocol.messages import Cancelled, Done, Failed, Preview, Progress, Started
from gramarye_protocol.pixels import Buffer

from .job_spec import JobSpec, PreviewRate

# Commands: front to worker


@dataclass(frozen=True)
class Paint:
    """Run a job; a worker runs one at a time."""

    spec: JobSpec
    previews: tuple[PreviewRate, ...] = ()


@dataclass(frozen=True)
class Observe:
    """Change the previews of the running job."""

    job: str
    previews: tuple[PreviewRate, ...]


@dataclass(frozen=True)
class Stop:
    """End the running job after its current step; ``keep`` saves its best painting so far as the result."""

    job: str
    keep: bool


@dataclass(frozen=True)
class Quit:
    """End the process; a running job is checkpointed, for another worker to continue."""


# Notices: worker to front


@dataclass(frozen=True)
class Ready:
    """The worker has loaded torch and selected its device."""

    device: str


@dataclass(frozen=True)
class Unfit:
    """The worker cannot paint and ends, because its device or a library is missing."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True)
class SizedPreview:
    """A preview for the clients that want this ``side`` and this interval in ``steps``."""

    side: int
    steps: int
    preview: Preview


PipeMessage = (
    Paint | Observe | Stop | Quit | Ready | Unfit | SizedPreview | Started | Progress | Done | Failed | Cancelled
)

_KINDS: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Paint, Observe, Stop, Quit, Ready, Unfit, SizedPreview, Started, Progress, Done, Failed, Cancelled)
}


_CHUNK = 1 << 20
"""Bytes of one read."""


@dataclass(frozen=True)
class _Envelope:
    kind: str
    body: dict[str, Any]
    sizes: tuple[int, ...] = field(default=())


def write_message(stream: BinaryIO, message: PipeMessage) -> None:
    """Write and flush one message. OSError if the pipe is closed."""
    payloads: list[Buffer] = []
    body = encode(message, payloads)
    sizes = tuple(memoryview(p).nbytes for p in payloads)
    text = dump_json(encode(_Envelope(type(message).__name__, body, sizes), []))
    stream.write(struct.pack(">I", len(text)) + text)
    for payload in payloads:
        stream.write(payload)
    stream.flush()


def read_message(stream: BinaryIO) -> PipeMessage | None:
    """Read one message; return None if the stream ends, even within a message.

    ProtocolError if the data is not a message.
    """
    prefix = stream.read(4)
    if len(prefix) < 4:
        return None
    (length,) = struct.unpack(">I", prefix)
    text = _read(stream, length)
    if text is None:
        return None
    envelope = decode(_Envelope, parse_json(text, "pipe message"), (), "pipe message")
    if envelope.kind not in _KINDS:
        raise malformed(f"Unknown pipe message {envelope.kind!r}.")
    payloads: list[Buffer] = []
    for size in envelope.sizes:
        payload = _read(stream, size)
        if payload is None:
            return None
        payloads.append(payload)
    message: PipeMessage = decode(_KINDS[envelope.kind], envelope.body, payloads, envelope.kind)
    return message


def _read(stream: BinaryIO, size: int) -> bytearray | None:
    """Read ``size`` bytes; None if the stream ends before. Memory is allocated only as data arrives."""
    if size < 0:
        raise malformed(f"A pipe message claims a payload of {size} bytes.")
    whole = bytearray()
    while len(whole) < size:
        chunk = stream.read(min(size - len(whole), _CHUNK))
        if not chunk:
            return None
        whole += chunk
    return whole
