"""`Style`: a style as given by the caller, and its conversion for a `Submit` message."""

from __future__ import annotations

from dataclasses import dataclass

from gramarye_protocol.messages import StyleInput
from gramarye_protocol.pixels import PixelBuffer

from .pixels import Pixels, to_mask_buffer, to_pixel_buffer


@dataclass(frozen=True)
class Style:
    """A style: a picture, or the name of a style that the daemon knows (see `Client.styles`).

    ``weight`` is its share relative to the other styles. ``scale`` is the size of its strokes; at 1 the style picture
    is as large as the layer. ``mask`` limits where the style is painted: a grey picture, or a picture whose alpha is
    used, with the layer's proportions. A style without a mask is painted where no mask covers the layer; pixels that
    no style covers keep the layer's content. ``part`` is a mask of the same kind for the style picture: only the part
    that it covers is used.
    """

    picture: Pixels | None = None
    name: str = ""
    weight: float = 1.0
    scale: float = 1.0
    mask: Pixels | None = None
    part: Pixels | None = None


def to_style_input(style: Style | Pixels, layer: PixelBuffer) -> StyleInput:
    """Convert a style, or only its picture, to the message form; the mask is resized to the layer.

    Errors: those of `to_pixel_buffer` and `to_mask_buffer`.
    """
    given = style if isinstance(style, Style) else Style(style)
    picture = None if given.picture is None else to_pixel_buffer(given.picture)
    mask = None if given.mask is None else to_mask_buffer(given.mask, layer.width, layer.height)
    part = None if given.part is None else to_mask_buffer(given.part)
    return StyleInput(picture, given.name, given.weight, given.scale, mask, part)
