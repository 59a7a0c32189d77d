"""A request for a painting of the same, small: what a variation is judged by."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from gi.repository import Gegl

from gramarye_protocol.messages import Submit
from gramarye_protocol.pixels import PixelBuffer

from ..widgets.pixbufs import reduced
from .pixels import Source

_SEEN = "R'G'B'A u8"
"""As a screen shows it: sRGB."""


def zoom_to(pixels: PixelBuffer, side: int) -> float:
    """What brings a picture to this longest side; 1 at most."""
    return min(1.0, side / max(pixels.width, pixels.height))


def smaller(submit: Submit, found: Source, zoom: float) -> Submit:
    """The layer, what is selected of it and the regions ``zoom`` times their size; sRGB, 8 bits, with alpha."""
    layer = reduced(_converted(found.pixels, found.format.name), zoom)
    if found.pixels.channels < 3:
        layer = replace(layer, layout="GRAYA", data=_interleaved(bytes(layer.data)[0::4], bytes(layer.data)[3::4]))
    styles = tuple(replace(style, mask=_reduced_mask(style.mask, zoom)) for style in submit.styles)
    return replace(submit, pixels=layer, styles=styles, mask=_reduced_mask(submit.mask, zoom))


def seen(pixels: PixelBuffer) -> PixelBuffer:
    """A painting of `smaller`'s as RGBA."""
    if pixels.channels == 4:
        return pixels
    grey, alpha = bytes(pixels.data)[0::2], bytes(pixels.data)[1::2]
    return replace(pixels, layout="RGBA", data=_interleaved(grey, grey, grey, alpha))


def _converted(pixels: PixelBuffer, name: str) -> PixelBuffer:
    """As RGBA; ``name`` is Babl's for the pixels' format."""
    rectangle = Gegl.Rectangle.new(0, 0, pixels.width, pixels.height)
    buffer = Gegl.Buffer.new(name, 0, 0, pixels.width, pixels.height)
    buffer.set(rectangle, name, bytes(pixels.data))
    data = bytes(buffer.get(rectangle, 1.0, _SEEN, Gegl.AbyssPolicy.NONE))
    return PixelBuffer(pixels.width, pixels.height, "RGBA", "u8", data)


def _reduced_mask(mask: Optional[PixelBuffer], zoom: float) -> Optional[PixelBuffer]:
    if mask is None:
        return None
    data = bytes(mask.data)
    opaque = bytes(b"\xff") * len(data)
    small = reduced(PixelBuffer(mask.width, mask.height, "RGBA", "u8", _interleaved(data, data, data, opaque)), zoom)
    return PixelBuffer(small.width, small.height, "GRAY", "u8", bytes(small.data)[0::4])


def _interleaved(*parts: bytes) -> bytes:
    data = bytearray(len(parts) * len(parts[0]))
    for place, part in enumerate(parts):
        data[place :: len(parts)] = part
    return bytes(data)
