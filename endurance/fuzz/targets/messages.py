"""The JSON of a message's body: the first byte selects the kind, the rest is the body, with three fixed payloads."""

from __future__ import annotations

import re
from dataclasses import fields

from gramarye_protocol.codec import decode, dump_json, encode, parse_json
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.messages import BY_KIND, Message
from gramarye_protocol.pixels import Buffer

from ..spec import EVERY_KIND
from ..target import Target

_KINDS = tuple(BY_KIND.values())
_PAYLOADS = (b"\xff\0\0\xff\0\0\xff\x80", b"ICC!", b"\x34\x12")


def run(data: bytes) -> object:
    """Decode a body; a decoded message must survive encoding and decoding again."""
    kind = _KINDS[(data[0] if data else 0) % len(_KINDS)]
    message = decode(kind, parse_json(data[1:], "body"), _PAYLOADS, kind.KIND)
    payloads: list[Buffer] = []
    body = dump_json(encode(message, payloads))
    assert decode(kind, parse_json(body, "body"), payloads, kind.KIND) == message
    return message


def seeds() -> dict[str, bytes]:
    """One body of every kind."""
    return {message.KIND: bytes([_KINDS.index(type(message))]) + _body(message) for message in EVERY_KIND}


def _body(message: Message) -> bytes:
    """The JSON of a message, with the fixed payloads in place of its own."""
    payloads: list[Buffer] = []
    body = dump_json(encode(message, payloads))

    def place(match: re.Match[bytes]) -> bytes:
        return b'"%s":%d' % (match[1], _PAYLOADS.index(bytes(payloads[int(match[2])])))

    return re.sub(rb'"(data|profile)":(\d+)', place, body)


TARGET = Target(
    "messages",
    run,
    (ProtocolError,),
    seeds,
    dictionary=(*sorted({field.name for kind in _KINDS for field in fields(kind)}), "null", "true", "1e999", "\\ud800"),
)
