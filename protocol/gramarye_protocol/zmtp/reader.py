"""`FrameReader` parses bytes into frames (RFC 23, "Framing")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from .errors import ZmtpPeerError
from .receivebuffer import ReceiveBuffer

MORE = 0x01
LONG = 0x02
COMMAND = 0x04


@dataclass(frozen=True)
class FrameHeader:
    """Flags of a frame and the ``size`` of its body in bytes, as claimed by the peer."""

    is_command: bool
    more: bool
    size: int


@dataclass(frozen=True)
class Frame:
    header: FrameHeader
    body: bytearray


class FrameReader:
    """Reads one frame after another; allocates a body only after its header was checked."""

    def __init__(self, buffer: ReceiveBuffer) -> None:
        self._buffer = buffer
        self._flags: int | None = None
        self._header: FrameHeader | None = None

    @property
    def is_mid_frame(self) -> bool:
        """Whether a frame is partly received."""
        return self._flags is not None

    def read(self, check_header: Callable[[FrameHeader], None]) -> Frame | None:
        """Return the next frame, or None until it is complete. Raises ``ZmtpPeerError``.

        ``check_header`` is called once per header and raises if the frame must be refused.
        """
        if self._header is None:
            header = self._read_header()
            if header is None:
                return None
            check_header(header)
            self._header = header
        body = self._take_body(self._header.size)
        if body is None:
            return None
        frame = Frame(self._header, body)
        self._flags = self._header = None
        return frame

    def _take_body(self, size: int) -> bytearray | None:
        try:
            return self._buffer.take(size)
        except (MemoryError, OverflowError):
            raise ZmtpPeerError(
                "out_of_memory",
                f"There is not enough memory for a frame of {size} bytes.",
                "Close other programs, or send a smaller picture.",
            ) from None

    def _read_header(self) -> FrameHeader | None:
        if self._flags is None:
            octet = self._buffer.take(1)
            if octet is None:
                return None
            self._flags = _checked_flags(octet[0])
        # A short body in a long frame is legal: in the grammar, long-size starts at zero.
        size = self._buffer.take(8 if self._flags & LONG else 1)
        if size is None:
            return None
        return FrameHeader(
            is_command=bool(self._flags & COMMAND),
            more=bool(self._flags & MORE),
            size=int.from_bytes(size, "big"),
        )


def _checked_flags(flags: int) -> int:
    # RFC 23, "Framing": bits 7-3 are reserved and must be zero.
    if flags & ~(MORE | LONG | COMMAND):
        raise _bad_flags(flags, "sets bits that ZMTP reserves")
    # RFC 23, "Framing": the MORE bit shall be zero on command frames.
    if flags & COMMAND and flags & MORE:
        raise _bad_flags(flags, "announces more frames after a command")
    return flags


def _bad_flags(flags: int, fault: str) -> ZmtpPeerError:
    return ZmtpPeerError(
        "bad_flags",
        f"A frame's flags are 0x{flags:02X}, which {fault}.",
        "The program at the other end violates ZMTP: update or replace it.",
    )
