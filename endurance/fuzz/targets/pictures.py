"""Picture files, as in a folder of styles or on the command line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image

from gramarye.errors import InputError
from gramarye.image_files import read_picture, write_picture
from gramarye.pixels.layer import to_picture
from gramarye_protocol.pixels import PixelBuffer
from support.icc_profiles import profile

from ..scratch_file import write_temporary_file
from ..target import MIB, Target

_MAX_PIXELS = 1 << 20
"""Replaces Pillow's limit, so that a case may allocate only a hundredth of what a real picture may."""


def run(data: bytes) -> object:
    """Read a picture (reduced if the data's length is odd) to the array that the engine paints."""
    with _lower_pixel_limit(), np.errstate(all="ignore"):
        pixels = read_picture(write_temporary_file(data), max_side=16 * (len(data) % 2))
        assert memoryview(pixels.data).nbytes == pixels.nbytes
        return to_picture(pixels)


@contextmanager
def _lower_pixel_limit() -> Iterator[None]:
    bound, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, _MAX_PIXELS
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = bound


def seeds() -> dict[str, bytes]:
    """Every format, layout and depth that Gramarye writes, and some that only other programs write."""
    found = {
        f"{kind}-{name}": _encode_pixels(pixels, kind)
        for kind in ("png", "jpg", "tif", "webp")
        for name, pixels in _PICTURES
    }
    picture = Image.linear_gradient("L").resize((5, 4))
    exif = Image.Exif()
    exif[274] = 6
    found["png-palette"] = _encode_image(picture.convert("P"), "PNG", transparency=0)
    found["png-interlaced-turned"] = _encode_image(picture.convert("RGB"), "PNG", exif=exif)
    found["png-bitmap"] = _encode_image(picture.convert("1"), "PNG")
    found["jpg-cmyk"] = _encode_image(picture.convert("CMYK"), "JPEG")
    found["jpg-progressive"] = _encode_image(picture.convert("RGB"), "JPEG", progressive=True, exif=exif)
    found["tif-lab"] = _encode_image(Image.new("LAB", (5, 4), (120, 130, 140)), "TIFF")
    found["tif-integers"] = _encode_image(picture.convert("I"), "TIFF")
    found["tif-packed"] = _encode_image(picture.convert("RGB"), "TIFF", compression="packbits")
    found["tif-jpeg"] = _encode_image(picture.convert("RGB"), "TIFF", compression="jpeg")
    found["webp-lossless"] = _encode_image(picture.convert("RGBA"), "WEBP", lossless=True)
    return found


def _pictures() -> Iterator[tuple[str, PixelBuffer]]:
    values = np.linspace(0.0, 1.0, 5 * 4 * 4)
    for layout, channels in (("GRAY", 1), ("GRAYA", 2), ("RGB", 3), ("RGBA", 4)):
        part = values[: 20 * channels]
        icc = profile("GRAY" if layout.startswith("GRAY") else "RGB ", 1.8)
        yield f"{layout}-u8", PixelBuffer(5, 4, layout, "u8", (part * 255).astype("u1").tobytes(), icc)
        yield f"{layout}-u16", PixelBuffer(5, 4, layout, "u16", (part * 65535).astype("<u2").tobytes(), icc)
        yield f"{layout}-f32", PixelBuffer(5, 4, layout, "f32", part.astype("<f4").tobytes())


_PICTURES = tuple(_pictures())


def _encode_pixels(pixels: PixelBuffer, ending: str) -> bytes:
    path = write_temporary_file(b"", f"seed.{ending}")
    write_picture(pixels, path)
    return path.read_bytes()


def _encode_image(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


TARGET = Target(
    "pictures",
    run,
    (InputError,),
    seeds,
    max_length=8192,
    memory=512 * MIB,
    dictionary=(
        "IHDR",
        "IDAT",
        "iCCP",
        "tRNS",
        "PLTE",
        "eXIf",
        "acTL",
        "RIFF",
        "VP8X",
        "VP8L",
        "ICCP",
        "EXIF",
        "Adobe",
    ),
)
