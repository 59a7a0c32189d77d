"""Pictures in the spool, which a full disk or another program may have damaged."""

from __future__ import annotations

from gramarye.daemon.store.spool import read_pixels, write_pixels
from gramarye.errors import DaemonError
from gramarye_protocol.pixels import PixelBuffer

from ..scratch_file import write_temporary_file
from ..target import Target


def run(data: bytes) -> object:
    """Read a stored picture; if it is accepted, it must be valid for sending."""
    pixels = read_pixels(write_temporary_file(data))
    assert memoryview(bytes(pixels.data)).nbytes == pixels.nbytes
    assert {type(value) for value in (pixels.width, pixels.height, *pixels.offset)} == {int}
    assert len(pixels.offset) == 2
    return pixels


def seeds() -> dict[str, bytes]:
    """Pictures as the spool writes them."""
    path = write_temporary_file(b"", "seed")
    found: dict[str, bytes] = {}
    for name, pixels in {
        "rgba": PixelBuffer(2, 1, "RGBA", "u8", bytes(8), b"ICC!", (3, -4)),
        "grey": PixelBuffer(1, 2, "GRAY", "f32", bytes(8)),
    }.items():
        write_pixels(pixels, path)
        found[name] = path.read_bytes()
    return found


TARGET = Target("stored", run, (DaemonError,), seeds, 1024, dictionary=("width", "height", "layout", "depth", "offset"))
