"""What front and worker say to each other, over the worker's standard input and output.

One message is a 4-byte big-endian length, that many bytes of JSON ``{"kind", "body", "sizes"}``, and
payloads of those sizes. Types are frozen dataclasses, in the manner of the protocol's.
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

# What a job is


@dataclass(frozen=True)
class StoredStyle:
    """A style of a job: a ``file`` in its folder, or the ``name`` of a known style.

    ``mask`` and ``part`` are files as well: where it is painted, and which part of its picture counts; empty for none.
    """

    file: str
    name: str
    weight: float
    scale: float
    mask: str = ""
    part: str = ""


@dataclass(frozen=True)
class JobSpec:
    """All that a worker needs: where the pixels lie, and the recipe in full.

    ``folder`` holds the layer (``layer``), the styles, perhaps ``start`` and ``mask``, and receives ``result`` and
    ``painting``. ``continues``: the start is an earlier job's painting, to be gone on from. ``ends_with_client``: it is
    of no use to anybody else.
    """

    job: str
    folder: str
    styles: tuple[StoredStyle, ...]
    recipe: dict[str, Any]
    network: str
    has_start: bool = False
    has_mask: bool = False
    continues: bool = False
    ends_with_client: bool = False
    pixels: int = 0
    """Of the layer."""


@dataclass(frozen=True)
class PreviewRate:
    """Some client wants previews of this longest side, every so many steps, or else (0) seconds."""

    side: int
    steps: int
    every: float


# Commands: front to worker


@dataclass(frozen=True)
class Paint:
    """Run a job; one at a time."""

    spec: JobSpec
    previews: tuple[PreviewRate, ...] = ()


@dataclass(frozen=True)
class Observe:
    """Change the previews of the running job."""

    job: str
    previews: tuple[PreviewRate, ...]


@dataclass(frozen=True)
class Stop:
    """End the running job after its present step."""

    job: str
    keep: bool


@dataclass(frozen=True)
class Quit:
    """End the process; a job that it has is left where it stands, to be gone on with."""


# Notices: worker to front


@dataclass(frozen=True)
class Ready:
    """The worker has loaded torch and chosen its device."""

    device: str


@dataclass(frozen=True)
class Unfit:
    """The worker cannot paint at all, and ends: its device or a library is not there."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True)
class SizedPreview:
    """A preview for those who asked for this ``side`` at this many ``steps``."""

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


_PART = 1 << 20
"""Bytes that are read at once."""


@dataclass(frozen=True)
class _Envelope:
    kind: str
    body: dict[str, Any]
    sizes: tuple[int, ...] = field(default=())


def write_message(stream: BinaryIO, message: PipeMessage) -> None:
    """Write and flush one message. Errors: OSError where the other side is gone."""
    payloads: list[Buffer] = []
    body = encode(message, payloads)
    sizes = tuple(memoryview(p).nbytes for p in payloads)
    text = dump_json(encode(_Envelope(type(message).__name__, body, sizes), []))
    stream.write(struct.pack(">I", len(text)) + text)
    for payload in payloads:
        stream.write(payload)
    stream.flush()


def read_message(stream: BinaryIO) -> PipeMessage | None:
    """Read one message; None at the end of the stream, even one in the middle of a message.

    Errors: ProtocolError of what is no message.
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
        raise malformed(f"There is no pipe message {envelope.kind!r}.")
    payloads: list[Buffer] = []
    for size in envelope.sizes:
        payload = _read(stream, size)
        if payload is None:
            return None
        payloads.append(payload)
    message: PipeMessage = decode(_KINDS[envelope.kind], envelope.body, payloads, envelope.kind)
    return message


def _read(stream: BinaryIO, size: int) -> bytearray | None:
    """So many bytes; None where the stream ends before. What is claimed takes no memory until it comes."""
    if size < 0:
        raise malformed(f"A pipe message claims a payload of {size} bytes.")
    whole = bytearray()
    while len(whole) < size:
        part = stream.read(min(size - len(whole), _PART))
        if not part:
            return None
        whole += part
    return whole
