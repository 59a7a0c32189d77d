"""`PixelBuffer`: a rectangle of pixels in an editor's format, with its offset and colour profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple, Union

from .errors import ProtocolError

Buffer = Union[bytes, bytearray, memoryview]

CHANNELS = {"RGBA": 4, "BGRA": 4, "RGB": 3, "GRAY": 1, "GRAYA": 2}
"""Layout -> number of channels, in memory order; A is straight (not premultiplied) alpha."""

DEPTH_BYTES = {"u8": 1, "u16": 2, "f16": 2, "f32": 4}
"""Depth -> bytes per channel. Integers span 0..max, floats 0..1; all little-endian."""

MAX_SIDE = 1 << 20
MAX_OFFSET = 1 << 31


@dataclass(frozen=True)
class PixelBuffer:
    """Interleaved rows of pixels without padding, top row first.

    ``data`` holds exactly ``width * height * channels * bytes per channel`` bytes. ``profile`` is an ICC profile
    (empty: sRGB). ``offset`` is the (x, y) of the top left pixel in the document.

    Errors: ``pixels-layout``, ``pixels-depth``, ``pixels-empty``, ``pixels-size``.
    """

    width: int
    height: int
    layout: str
    depth: str
    data: Buffer
    profile: Buffer = b""
    offset: Tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if self.layout not in CHANNELS:
            raise ProtocolError(
                "pixels-layout",
                f"The pixel layout {self.layout!r} is unknown.",
                "Send one of " + ", ".join(CHANNELS),
            )
        if self.depth not in DEPTH_BYTES:
            raise ProtocolError(
                "pixels-depth", f"The pixel depth {self.depth!r} is unknown.", "Send one of " + ", ".join(DEPTH_BYTES)
            )
        if self.width < 1 or self.height < 1:
            raise ProtocolError(
                "pixels-empty",
                f"A picture of {self.width} x {self.height} pixels is empty.",
                "Send at least one pixel.",
            )
        if self.width > MAX_SIDE or self.height > MAX_SIDE:
            raise ProtocolError(
                "pixels-size",
                f"A side of {max(self.width, self.height)} pixels exceeds the limit of {MAX_SIDE}.",
                "Send a part of the picture.",
            )
        if any(abs(place) > MAX_OFFSET for place in self.offset):
            raise ProtocolError("pixels-size", f"An offset exceeds the limit of {MAX_OFFSET}.", "Move the layer.")
        held = memoryview(self.data).nbytes
        if held != self.nbytes:
            raise ProtocolError(
                "pixels-size",
                f"{self.width} x {self.height} {self.layout} {self.depth} pixels take {self.nbytes} bytes, got {held}.",
                "Send whole rows without padding.",
            )

    @property
    def channels(self) -> int:
        """Channels per pixel, alpha included."""
        return CHANNELS[self.layout]

    @property
    def nbytes(self) -> int:
        """Size of ``data``, in bytes."""
        return self.width * self.height * self.channels * DEPTH_BYTES[self.depth]
