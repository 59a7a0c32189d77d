"""Signed frames: `seal` turns a message into frames, `Opener` turns frames into a message (SPEC, "Frames").

The frames are ``[signature, header JSON, body JSON, payload...]``. The signature is HMAC-SHA256 (RFC 2104) with the
connection file's key, over the sender's role and every other frame with its length (SPEC, "Signature", "Replay").
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import List, Sequence

from . import PROTOCOL_MAJOR
from .codec import decode, dump_json, encode, parse_json
from .errors import ProtocolError, malformed
from .messages import BY_KIND, Message, Unknown
from .pixels import Buffer

MAX_JSON = 1 << 20
"""Largest header or body, in bytes."""

MAX_PAYLOADS = 64
"""Largest number of frames after the body."""

REPLAY_WINDOW = 60.0
"""Largest difference between a message's time and this clock, in seconds."""

CLIENT = "client"
DAEMON = "daemon"


@dataclass(frozen=True)
class Envelope:
    """A message with its ``id`` and the id of the request that it replies to (empty if it is not a reply)."""

    message: Message
    id: str
    reply_to: str = ""


@dataclass(frozen=True)
class Header:
    """The header frame (SPEC, "Frames")."""

    v: int
    id: str
    kind: str
    time: float
    reply_to: str = ""


def seal(message: Message, key: bytes, role: str, now: float, reply_to: str = "", message_id: str = "") -> List[Buffer]:
    """Return the frames of ``message``, signed as ``role`` ("client" or "daemon") at time ``now``.

    ``now`` is in seconds since the epoch; ``message_id`` is random if not given.
    """
    payloads: List[Buffer] = []
    body = dump_json(encode(message, payloads))
    header = Header(PROTOCOL_MAJOR, message_id or uuid.uuid4().hex, message.KIND, now, reply_to)
    signed: List[Buffer] = [dump_json(encode(header, [])), body, *payloads]
    return [sign(signed, key, role), *signed]


def sign(frames: Sequence[Buffer], key: bytes, role: str) -> bytes:
    """Return the 32-byte HMAC-SHA256 over the role and each frame preceded by its length (8 bytes, big-endian)."""
    mac = hmac.new(key, role.encode("ascii") + b"\0", hashlib.sha256)
    for frame in frames:
        view = memoryview(frame)
        mac.update(struct.pack(">Q", view.nbytes))
        mac.update(view)
    return mac.digest()


class Opener:
    """Verifies and decodes the messages of a peer in ``role``: signature first, then age and id, then content."""

    def __init__(self, key: bytes, role: str, window: float = REPLAY_WINDOW) -> None:
        self._key = key
        self._role = role
        self._window = window
        self._seen: "OrderedDict[str, float]" = OrderedDict()

    def open(self, frames: Sequence[Buffer], now: float) -> Envelope:
        """Return the message in ``frames``, received at ``now`` (seconds since the epoch).

        Errors: those of `verify` and `read`.
        """
        self.verify(frames)
        return self.read(frames, now)

    def verify(self, frames: Sequence[Buffer]) -> None:
        """Check frame count, sizes and signature. Keeps no state, so it may run in any thread.

        Errors: ``message-malformed``, ``message-too-large``, ``message-unsigned``.
        """
        if len(frames) < 3:
            raise malformed(f"A message has at least 3 frames, got {len(frames)}.")
        if len(frames) > 3 + MAX_PAYLOADS or any(memoryview(f).nbytes > MAX_JSON for f in frames[1:3]):
            raise ProtocolError("message-too-large", "The message has too many frames or too long a header.")
        is_signature = memoryview(frames[0]).nbytes == hashlib.sha256().digest_size  # avoids copying a long frame
        if not is_signature or not hmac.compare_digest(bytes(frames[0]), sign(frames[1:], self._key, self._role)):
            raise ProtocolError(
                "message-unsigned",
                "The message is not signed with this daemon's key.",
                "Read the connection file again: the daemon may have been restarted.",
            )

    def read(self, frames: Sequence[Buffer], now: float) -> Envelope:
        """Decode frames whose signature was verified.

        Errors: ``message-malformed``. Errors after the header was read are `RefusedRequest`: ``message-replayed``,
        ``message-stale``, ``version-unsupported`` and those of `decode`.
        """
        header = decode(Header, parse_json(frames[1], "header"), (), "header")
        if not 0 < len(header.id) <= 64:
            raise malformed("The header's id must have 1 to 64 characters.")
        try:
            self._check_replay(header, now)
            if header.v != PROTOCOL_MAJOR:
                raise ProtocolError(
                    "version-unsupported",
                    f"The peer speaks version {header.v} of the protocol, this side {PROTOCOL_MAJOR}.",
                    "Update the older of the two: the plugin or the daemon.",
                )
            body = parse_json(frames[2], "body")
            cls = BY_KIND.get(header.kind)
            known = Unknown(header.kind, body) if cls is None else decode(cls, body, frames[3:], header.kind)
        except ProtocolError as error:
            raise RefusedRequest(error, header.id) from None
        return Envelope(known, header.id, header.reply_to)

    def _check_replay(self, header: Header, now: float) -> None:
        age = abs(now - header.time)
        if age > self._window:
            raise ProtocolError(
                "message-stale", f"The message's time differs from this clock by {age:.0f} seconds.", "Send it again."
            )
        while self._seen and next(iter(self._seen.values())) < now - 2 * self._window:
            self._seen.popitem(last=False)
        if header.id in self._seen:
            raise ProtocolError(
                "message-replayed", "This message was received before.", "Give each message its own id."
            )
        self._seen[header.id] = now


class RefusedRequest(ProtocolError):
    """A signed message with a valid header cannot be accepted; ``request`` is its id."""

    def __init__(self, error: ProtocolError, request: str) -> None:
        super().__init__(error.code, error.message, error.hint)
        self.request = request
