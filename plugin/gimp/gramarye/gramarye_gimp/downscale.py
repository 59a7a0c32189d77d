"""Downscale a request, for small paintings of variations."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from gi.repository import Gegl

from gramarye_protocol.messages import Submit
from gramarye_protocol.pixels import PixelBuffer

from .document.pixbufs import downscale_pixels
from .document.pixels import Source

_SRGB_RGBA = "R'G'B'A u8"
"""Babl's name of 8-bit sRGB with alpha."""


def scale_to_fit(pixels: PixelBuffer, side: int) -> float:
    """Return the factor that reduces the longest side to ``side`` pixels; at most 1."""
    return min(1.0, side / max(pixels.width, pixels.height))


def downscale_request(submit: Submit, source: Source, zoom: float) -> Submit:
    """Return ``submit`` with the layer, the selection and the regions scaled by ``zoom``; 8-bit sRGB with alpha."""
    layer = downscale_pixels(_to_srgb_rgba(source.pixels, source.format.name), zoom)
    if source.pixels.channels < 3:
        layer = replace(layer, layout="GRAYA", data=_interleave(bytes(layer.data)[0::4], bytes(layer.data)[3::4]))
    styles = tuple(replace(style, mask=_downscale_mask(style.mask, zoom)) for style in submit.styles)
    return replace(submit, pixels=layer, styles=styles, mask=_downscale_mask(submit.mask, zoom))


def to_rgba(pixels: PixelBuffer) -> PixelBuffer:
    """Return the painting of a `downscale_request` as RGBA."""
    if pixels.channels == 4:
        return pixels
    grey, alpha = bytes(pixels.data)[0::2], bytes(pixels.data)[1::2]
    return replace(pixels, layout="RGBA", data=_interleave(grey, grey, grey, alpha))


def _to_srgb_rgba(pixels: PixelBuffer, name: str) -> PixelBuffer:
    """Convert pixels to RGBA; ``name`` is Babl's name of their format."""
    rectangle = Gegl.Rectangle.new(0, 0, pixels.width, pixels.height)
    buffer = Gegl.Buffer.new(name, 0, 0, pixels.width, pixels.height)
    buffer.set(rectangle, name, bytes(pixels.data))
    data = bytes(buffer.get(rectangle, 1.0, _SRGB_RGBA, Gegl.AbyssPolicy.NONE))
    return PixelBuffer(pixels.width, pixels.height, "RGBA", "u8", data)


def _downscale_mask(mask: Optional[PixelBuffer], zoom: float) -> Optional[PixelBuffer]:
    if mask is None:
        return None
    data = bytes(mask.data)
    opaque = bytes(b"\xff") * len(data)
    small = downscale_pixels(
        PixelBuffer(mask.width, mask.height, "RGBA", "u8", _interleave(data, data, data, opaque)), zoom
    )
    return PixelBuffer(small.width, small.height, "GRAY", "u8", bytes(small.data)[0::4])


def _interleave(*parts: bytes) -> bytes:
    data = bytearray(len(parts) * len(parts[0]))
    for place, part in enumerate(parts):
        data[place :: len(parts)] = part
    return bytes(data)
