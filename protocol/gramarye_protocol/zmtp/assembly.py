"""`MessageAssembly` collects frames into messages and enforces the limits."""

from __future__ import annotations

from .errors import ZmtpPeerError
from .limits import Limits
from .reader import Frame, FrameHeader


class MessageAssembly:
    """Collects the frames of one message. Call ``check_limits`` for every header before its body is allocated."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._frames: list[bytearray] = []
        self._size = 0

    def check_limits(self, header: FrameHeader) -> None:
        """Raise ``ZmtpPeerError`` if the frame would exceed a limit.

        RFC 23, "Security Considerations": a peer may try to exhaust memory, so a claimed size is checked before it is
        allocated. By RFC 23, "Framing", a frame may have up to 2^63-1 octets.
        """
        limits = self._limits
        size, total, count = header.size, self._size + header.size, len(self._frames) + 1
        if header.is_command:
            if size > limits.max_command:
                raise ZmtpPeerError("command_too_large", *_limit_exceeded_text("A command", size, limits.max_command))
        elif size > limits.max_frame:
            raise ZmtpPeerError("frame_too_large", *_limit_exceeded_text("A frame", size, limits.max_frame))
        elif total > limits.max_message:
            raise ZmtpPeerError("message_too_large", *_limit_exceeded_text("A message", total, limits.max_message))
        elif count > limits.max_message_frames:
            most = limits.max_message_frames
            raise ZmtpPeerError("too_many_frames", *_limit_exceeded_text("A message", count, most, "frames"))

    def add(self, frame: Frame) -> tuple[bytearray, ...] | None:
        """Return the message if ``frame`` is its last, else None (RFC 23, "Messages": all frames or none)."""
        self._frames.append(frame.body)
        self._size += len(frame.body)
        if frame.header.more:
            return None
        message = tuple(self._frames)
        self.clear()
        return message

    def clear(self) -> None:
        self._frames = []
        self._size = 0


def _limit_exceeded_text(subject: str, claim: int, bound: int, unit: str = "bytes") -> tuple[str, str]:
    return (
        f"{subject} from the peer has {claim} {unit}; at most {bound} are accepted.",
        "Send less at once, or raise the limits of this connection.",
    )
