"""`Limits` on what a peer can make this side allocate."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ZmtpLocalError

# RFC 23, "Framing": a long frame's body holds at most 2^63-1 octets.
LARGEST_FRAME = 2**63 - 1


@dataclass(frozen=True)
class Limits:
    """Upper bounds on received data, in bytes except ``max_message_frames``.

    ``max_message`` and ``max_message_frames`` together bound the memory of a message: an empty frame costs the peer two
    bytes, but this side an object.

    Raises ``ZmtpLocalError`` (``bad_option``) for a bound outside 1 .. 2^63-1.
    """

    max_frame: int = 2**30
    max_message: int = 2**30 + 2**20
    max_message_frames: int = 128
    max_command: int = 8192

    def __post_init__(self) -> None:
        for name in ("max_frame", "max_message", "max_message_frames", "max_command"):
            bound = getattr(self, name)
            if not 1 <= bound <= LARGEST_FRAME:
                raise ZmtpLocalError("bad_option", f"{name} is {bound}.", f"Use a number from 1 to {LARGEST_FRAME}.")
