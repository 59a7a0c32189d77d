"""Disk space that a job needs for its inputs and its outputs."""

from __future__ import annotations

from gramarye_protocol.messages import StyleInput, Submit
from gramarye_protocol.pixels import PixelBuffer

from .spool import stored_size

_PAINTING_BYTES_PER_PIXEL = 3 * 2
"""Bytes per pixel of a stored painting: RGB u16 (`spool.PAINTING`)."""


def job_bytes(message: Submit) -> int:
    """Return the bytes of a job's pictures and outputs, without an earlier painting that it continues (a hard link)."""
    pictures = [message.pixels, message.start, message.mask]
    for style in message.styles:
        pictures += _pictures(style)
    return sum(stored_size(picture) for picture in pictures if picture is not None) + output_bytes(message.pixels)


def output_bytes(layer: PixelBuffer) -> int:
    """Return the bytes of the result and the painting of ``layer``."""
    return 2 * stored_size(layer) - layer.nbytes + layer.width * layer.height * _PAINTING_BYTES_PER_PIXEL


def _pictures(style: StyleInput) -> list[PixelBuffer | None]:
    return [style.picture, style.mask, style.part]
