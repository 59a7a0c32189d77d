"""Converts what callers pass as pixels to `PixelBuffer`, and buffers to arrays."""

from __future__ import annotations

import os
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL.Image import Image

from gramarye_protocol.pixels import DEPTH_BYTES, PixelBuffer

from ..errors import InputError
from ..image_files import from_image, read_picture
from ..pixels.masks import has_same_proportions, mask_from_picture, mask_to_coverage, resize_coverage

Pixels: TypeAlias = "PixelBuffer | npt.NDArray[Any] | Image | str | os.PathLike[str]"

_DEPTH_OF = {"uint8": "u8", "uint16": "u16", "float16": "f16", "float32": "f32"}
_LAYOUT_OF = {1: "GRAY", 2: "GRAYA", 3: "RGB", 4: "RGBA"}


def to_pixel_buffer(pixels: Pixels) -> PixelBuffer:
    """Convert pixels to a buffer; a buffer is returned as it is.

    Accepts arrays of shape (H, W) or (H, W, 1..4) in uint8, uint16, float16 or float32 (floats in 0..1), Pillow
    images, and paths of picture files.

    Errors: ``array-shape``, ``array-dtype``, those of `image_files.read_picture`.
    """
    if isinstance(pixels, PixelBuffer):
        return pixels
    if isinstance(pixels, Image):
        return from_image(pixels, pixels.info.get("icc_profile") or b"")
    if isinstance(pixels, np.ndarray):
        return _from_array(pixels)
    return read_picture(pixels)


def to_mask_buffer(pixels: Pixels, width: int = 0, height: int = 0) -> PixelBuffer:
    """Convert pixels to a mask (GRAY, u8): the alpha channel if any pixel is not opaque, else the grey values.

    The mask is resized to ``width`` x ``height`` pixels, unless these are 0. Accepts what `to_pixel_buffer` accepts.
    Errors: ``mask-unfit`` if the proportions differ; those of `to_pixel_buffer`.
    """
    buffer = to_pixel_buffer(pixels)
    mask = mask_from_picture(buffer)
    if not width or (mask.width, mask.height) == (width, height):
        return mask
    if not has_same_proportions(mask, width, height):
        raise InputError(
            "mask-unfit",
            f"The mask is {mask.width} x {mask.height} pixels, the picture {width} x {height}.",
            "Give the mask the proportions of the picture.",
        )
    values = resize_coverage(mask_to_coverage(mask), width, height)
    return PixelBuffer(width, height, "GRAY", "u8", np.rint(values * 255.0).astype(np.uint8).tobytes())


def buffer_to_array(pixels: PixelBuffer) -> npt.NDArray[np.generic]:
    """Return an array of shape (H, W, channels) in the buffer's depth and channel order; it shares the memory."""
    names = {depth: name for name, depth in _DEPTH_OF.items()}
    dtype = np.dtype(names[pixels.depth]).newbyteorder("<")
    return np.frombuffer(pixels.data, dtype=dtype).reshape(pixels.height, pixels.width, pixels.channels)


def _from_array(array: npt.NDArray[Any]) -> PixelBuffer:
    shaped = array[..., None] if array.ndim == 2 else array
    if shaped.ndim != 3 or shaped.shape[2] not in _LAYOUT_OF or 0 in shaped.shape:
        raise InputError(
            "array-shape",
            f"An array of shape {array.shape} is not a picture.",
            "Use (height, width) or (height, width, 1 to 4 channels).",
        )
    depth = _DEPTH_OF.get(array.dtype.name)
    if depth is None:
        raise InputError(
            "array-dtype",
            f"An array of {array.dtype} is not a picture.",
            "Use uint8, uint16, or float16 or float32 in 0..1.",
        )
    assert DEPTH_BYTES[depth] == shaped.itemsize
    plain = np.ascontiguousarray(shaped, dtype=shaped.dtype.newbyteorder("<"))
    height, width, channels = plain.shape
    return PixelBuffer(width, height, _LAYOUT_OF[channels], depth, plain.data.cast("B"))
