"""Convert and scale pictures for display."""

from __future__ import annotations

from typing import Any

import gi

gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf, GLib

from gramarye_protocol.pixels import PixelBuffer

_CHECK_SIZE, _CHECK_LIGHT, _CHECK_DARK = 8, 0xFFA0A0A0, 0xFF707070


def to_pixbuf(pixels: PixelBuffer, side: int) -> Any:
    """Return RGB or RGBA u8 pixels as a pixbuf, scaled to fit into a square of ``side`` pixels."""
    data = GLib.Bytes.new(bytes(pixels.data))
    has_alpha = pixels.channels == 4
    stride = pixels.width * pixels.channels
    return fit_pixbuf(
        GdkPixbuf.Pixbuf.new_from_bytes(
            data, GdkPixbuf.Colorspace.RGB, has_alpha, 8, pixels.width, pixels.height, stride
        ),
        side,
    )


def fit_pixbuf(pixbuf: Any, side: int) -> Any:
    """Return ``pixbuf`` scaled to fit into a square of ``side`` pixels, on a checkerboard if it has alpha."""
    factor = side / max(pixbuf.get_width(), pixbuf.get_height())
    width, height = (max(1, round(factor * length)) for length in (pixbuf.get_width(), pixbuf.get_height()))
    smooth = GdkPixbuf.InterpType.BILINEAR
    if pixbuf.get_has_alpha():
        return pixbuf.composite_color_simple(width, height, smooth, 255, _CHECK_SIZE, _CHECK_LIGHT, _CHECK_DARK)
    return pixbuf.scale_simple(width, height, smooth)


def fade_pixbuf(pixbuf: Any) -> Any:
    """Return a faint version on grey, as the placeholder of a picture."""
    size = (pixbuf.get_width(), pixbuf.get_height())
    return pixbuf.composite_color_simple(*size, GdkPixbuf.InterpType.NEAREST, 50, _CHECK_SIZE, _CHECK_DARK, _CHECK_DARK)


def crop_square(pixbuf: Any, side: int) -> Any:
    """Return the central square of ``pixbuf``, scaled to ``side`` pixels."""
    short = min(pixbuf.get_width(), pixbuf.get_height())
    x, y = (pixbuf.get_width() - short) // 2, (pixbuf.get_height() - short) // 2
    return fit_pixbuf(pixbuf.new_subpixbuf(x, y, short, short), side)


def downscale_pixels(pixels: PixelBuffer, zoom: float) -> PixelBuffer:
    """Scale RGBA u8 pixels by ``zoom`` (at most 1); each pixel is the mean of the pixels that it covers."""
    width, height = (max(1, round(length * zoom)) for length in (pixels.width, pixels.height))
    data = GLib.Bytes.new(bytes(pixels.data))
    whole = GdkPixbuf.Pixbuf.new_from_bytes(
        data, GdkPixbuf.Colorspace.RGB, True, 8, pixels.width, pixels.height, 4 * pixels.width
    )
    small = whole.scale_simple(width, height, GdkPixbuf.InterpType.BILINEAR)
    rows, stride, length = bytes(small.get_pixels()), small.get_rowstride(), 4 * width
    unpadded = b"".join(rows[row * stride : row * stride + length] for row in range(height))
    return PixelBuffer(width, height, "RGBA", "u8", unpadded)
