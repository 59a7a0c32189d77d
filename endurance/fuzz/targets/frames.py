"""Signed frames from a peer; the first byte decides whether they are re-signed, which reaches deeper code."""

from __future__ import annotations

from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import CLIENT, DAEMON, Opener, seal, sign
from gramarye_protocol.messages import Unknown

from ..byte_fields import join_chunks, split_chunks
from ..spec import EVERY_KIND, KEY, SIGNED_AT, examples
from ..target import Target

_ROLES = (CLIENT, DAEMON)


def run(data: bytes) -> object:
    """Open the frames; an opened message must survive sealing and opening again."""
    flags = data[0] if data else 0
    role = _ROLES[flags >> 1 & 1]
    frames = split_chunks(data[1:])
    if flags & 1:
        frames = [sign(frames[1:], KEY, role), *frames[1:]]
    envelope = Opener(KEY, role).open(frames, SIGNED_AT)
    if isinstance(envelope.message, Unknown):
        return envelope
    again = seal(envelope.message, KEY, role, SIGNED_AT, envelope.reply_to, envelope.id)
    assert Opener(KEY, role).open(again, SIGNED_AT) == envelope
    return envelope


def seeds() -> dict[str, bytes]:
    """The specification's examples, unchanged and to be re-signed, and every kind of message."""
    found: dict[str, bytes] = {}
    for number, example in enumerate(examples()):
        flags = _ROLES.index(example.role) << 1
        found[f"spec-{number}"] = bytes([flags]) + join_chunks(example.frames)
        found[f"spec-{number}-unsigned"] = bytes([flags | 1]) + join_chunks([b"", *example.frames[1:]])
    for message in EVERY_KIND:
        frames = [bytes(frame) for frame in seal(message, KEY, CLIENT, SIGNED_AT, message_id="f1")]
        found[message.KIND] = bytes([1]) + join_chunks([b"", *frames[1:]])
    return found


TARGET = Target(
    "frames", run, (ProtocolError,), seeds, dictionary=("reply_to", "kind", "time", "1e999", "profile", "data")
)
