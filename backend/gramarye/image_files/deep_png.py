"""PNG of 16 bits a channel, which Pillow cannot hold: libpng by way of imagecodecs."""

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
"""Bytes of the signature and of IHDR, after which a profile may stand (PNG, third edition, 5.6)."""

_LAYOUTS = {1: "GRAY", 2: "GRAYA", 3: "RGB", 4: "RGBA"}
_MODES = {"GRAY": "L", "GRAYA": "LA", "RGB": "RGB", "RGBA": "RGBA"}


def is_deep(image: Image.Image) -> TypeGuard[PngImageFile]:
    """Whether an opened file that is not yet loaded is PNG of 16 bits."""
    return isinstance(image, PngImageFile) and bool(image.tile) and str(image.tile[0].args).endswith(";16B")


def read(path: Path, image: Image.Image) -> PixelBuffer:
    """What `is_deep`: u16, upright, with its profile; a transparent colour as alpha. ValueError where it is damaged."""
    image.load()  # Pillow says in plain words what is damaged; the orientation may stand behind the pixels
    try:
        array = imagecodecs.png_decode(path.read_bytes())
    except imagecodecs.PngError as error:
        raise ValueError(str(error)) from None
    shaped = array[..., None] if array.ndim == 2 else array
    layout = _LAYOUTS[shaped.shape[2]]
    profile = matching_profile(image.info.get("icc_profile") or b"", _MODES[layout])
    return array_to_buffer(apply_orientation(shaped, image.getexif().get(ORIENTATION_TAG, 1)), layout, "u16", profile)


def write(pixels: PixelBuffer, file: IO[bytes]) -> None:
    """16 bits a channel, to which floats are rounded. ValueError where libpng refuses."""
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
    """iCCP (PNG, third edition, 11.3.2.3): name, method 0, deflated; nothing for no profile."""
    if not profile:
        return b""
    body = b"iCCP" + b"ICC Profile\0\0" + zlib.compress(profile)
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
