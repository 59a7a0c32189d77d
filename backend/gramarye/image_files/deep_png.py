"""PNG with 16 bits per channel, which Pillow cannot represent; uses libpng through imagecodecs."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import IO, TypeGuard

import imagecodecs
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from gramarye_protocol.pixels import PixelBuffer

from ..pixels.formats import array_to_buffer, quantise, to_unit
from ..pixels.icc_profile import matching_profile
from .downscale import to_rgb_order
from .orientation import ORIENTATION_TAG, apply_orientation

_HEADER_BYTES = 8 + 12 + 13
"""Length in bytes of the signature and IHDR; iCCP may follow them (PNG, third edition, 5.6)."""

_LAYOUTS = {1: "GRAY", 2: "GRAYA", 3: "RGB", 4: "RGBA"}
_MODES = {"GRAY": "L", "GRAYA": "LA", "RGB": "RGB", "RGBA": "RGBA"}


def is_deep(image: Image.Image) -> TypeGuard[PngImageFile]:
    """Whether an image that is open but not yet loaded is a PNG with 16 bits per channel."""
    return isinstance(image, PngImageFile) and bool(image.tile) and str(image.tile[0].args).endswith(";16B")


def read(path: Path, image: Image.Image) -> PixelBuffer:
    """Read a 16-bit PNG (see `is_deep`) as u16, upright, with its ICC profile; a transparent colour becomes alpha.

    Raises ValueError if libpng cannot decode it.
    """
    image.load()  # Pillow's error messages are clearer; the orientation may follow the pixels
    try:
        array = imagecodecs.png_decode(path.read_bytes())
    except imagecodecs.PngError as error:
        raise ValueError(str(error)) from None
    shaped = array[..., None] if array.ndim == 2 else array
    layout = _LAYOUTS[shaped.shape[2]]
    profile = matching_profile(image.info.get("icc_profile") or b"", _MODES[layout])
    return array_to_buffer(apply_orientation(shaped, image.getexif().get(ORIENTATION_TAG, 1)), layout, "u16", profile)


def write(pixels: PixelBuffer, file: IO[bytes]) -> None:
    """Write 16 bits per channel; floats are rounded. Raises ValueError if libpng fails."""
    array, layout = to_rgb_order(pixels)
    if pixels.depth != "u16":
        array = quantise(to_unit(array, pixels.depth), "u16")
    native = np.ascontiguousarray(array[..., 0] if layout == "GRAY" else array, dtype=np.uint16)
    try:
        encoded = imagecodecs.png_encode(native)
    except imagecodecs.PngError as error:
        raise ValueError(str(error)) from None
    file.write(encoded[:_HEADER_BYTES])
    file.write(_profile_chunk(matching_profile(bytes(pixels.profile), _MODES[layout])))
    file.write(memoryview(encoded)[_HEADER_BYTES:])


def _profile_chunk(profile: bytes) -> bytes:
    """Return an iCCP chunk (PNG, third edition, 11.3.2.3): name, method 0, deflated profile. Empty without one."""
    if not profile:
        return b""
    body = b"iCCP" + b"ICC Profile\0\0" + zlib.compress(profile)
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
