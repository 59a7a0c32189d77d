"""TIFF with 16 bits or floats per channel, which Pillow cannot represent; uses tifffile."""

from __future__ import annotations

import math
from pathlib import Path
from typing import IO, Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from gramarye_protocol.pixels import PixelBuffer

from ..errors import InputError
from ..pixels.formats import array_to_buffer
from ..pixels.icc_profile import matching_profile
from .downscale import to_rgb_order
from .limits import max_pixels, max_samples, too_large
from .orientation import ORIENTATION_TAG, apply_orientation
from .pillow_modes import check_range

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""TIFF and BigTIFF in both byte orders."""

_ICC_PROFILE_TAG = 34675
"""ICC.1:2022, annex B.4."""

_DEPTHS = {"uint16": "u16", "float16": "f16", "float32": "f32", "float64": "f32"}
_SAFE_COMPRESSIONS = {1, 5, 8, 32946, 32773, 34925, 50000}
"""Compressions whose decoders produce no more bytes than requested.

None, LZW, deflate (two numbers), PackBits, LZMA, Zstandard. All other compressions contain pictures that state their
own size.
"""

_ASSOCIATED_ALPHA, _UNASSOCIATED_ALPHA = 1, 2
"""ExtraSamples values (TIFF 6.0): premultiplied and straight alpha; other values are not alpha."""


def read(path: Path) -> PixelBuffer | None:
    """Read the first picture, upright, with its ICC profile and straight alpha; None if Pillow should read the file.

    Errors: ``picture-too-large``, ``picture-depth``, ``picture-unreadable``.
    """
    with path.open("rb") as file:
        if file.read(4) not in _MAGIC:
            return None
    try:
        with tifffile.TiffFile(path) as tiff:
            page = tiff.pages.first
            return _read(page, path.name) if _is_deep(page) else None
    except (InputError, OSError):
        raise
    except Exception as error:  # parsers raise many types for damaged files
        raise InputError(
            "picture-unreadable", f"{path.name} cannot be read: {error}.", "The file may be damaged."
        ) from None


def write(pixels: PixelBuffer, file: IO[bytes]) -> None:
    """Write at the buffer's depth, deflated, with straight alpha."""
    array, layout = to_rgb_order(pixels)
    native = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    colour = layout.startswith("RGB")
    tifffile.imwrite(
        file,
        native[..., 0] if layout == "GRAY" else native,
        photometric="rgb" if colour else "minisblack",
        planarconfig=None if layout == "GRAY" else "contig",
        extrasamples=["unassalpha"] if layout.endswith("A") else None,
        compression="zlib",
        predictor=True,
        iccprofile=matching_profile(bytes(pixels.profile), "RGB" if colour else "L") or None,
        metadata=None,
        software="Gramarye",
    )


def _is_deep(page: Any) -> bool:
    """Whether a page is grey or RGB with more than 8 bits, except one channel of 32-bit integers (Pillow reads it)."""
    if page.photometric not in (tifffile.PHOTOMETRIC.MINISBLACK, tifffile.PHOTOMETRIC.RGB) or page.bitspersample <= 8:
        return False
    return page.samplesperpixel > 1 or str(page.dtype) in _DEPTHS


def _read(page: Any, name: str) -> PixelBuffer:
    if page.imagewidth * page.imagelength > max_pixels() or _sample_count(page) > max_samples():
        raise too_large(name)
    if int(page.compression) not in _SAFE_COMPRESSIONS:
        raise InputError(
            "picture-unreadable",
            f"{name} uses a compression that is not supported for more than 8 bits per channel.",
            "Save it again without compression or with deflate.",
        )
    depth = _DEPTHS.get(str(page.dtype))
    if depth is None or page.bitspersample not in (16, 32, 64):
        raise InputError(
            "picture-depth",
            f"{name} has {page.bitspersample} bits per channel in a number format that is not supported.",
            "Save it with 8 or 16 bits per channel, or as floats.",
        )
    array = _samples(page)
    colours = 3 if page.photometric == tifffile.PHOTOMETRIC.RGB else 1
    alpha = int(page.extrasamples[0]) if page.extrasamples else 0
    has_alpha = alpha in (_ASSOCIATED_ALPHA, _UNASSOCIATED_ALPHA)
    array = array[..., : colours + has_alpha]
    if array.dtype.kind == "f":
        check_range(array, 1, "0 to 1")
    if alpha == _ASSOCIATED_ALPHA:
        array = _unpremultiply(array)
    layout = ("RGB" if colours == 3 else "GRAY") + ("A" if has_alpha else "")
    orientation, profile = page.tags.valueof(ORIENTATION_TAG, 1), page.tags.valueof(_ICC_PROFILE_TAG, b"")
    return array_to_buffer(
        apply_orientation(array, orientation), layout, depth, matching_profile(profile, "RGB" if colours == 3 else "L")
    )


def _sample_count(page: Any) -> int:
    """Return the number of samples in the picture, or in one of its tiles if that is larger."""
    tile = (page.tiledepth, page.tilelength, page.tilewidth, page.samplesperpixel) if page.is_tiled else (0,)
    return max(int(math.prod(page.shaped)), int(math.prod(tile)))


def _samples(page: Any) -> NDArray[Any]:
    """Return (H, W, samples) for any planar configuration."""
    planes = page.asarray(squeeze=False)[:, 0]  # (planes, H, W, samples per plane): the first slice in depth
    array: NDArray[Any] = planes[0] if len(planes) == 1 else np.moveaxis(planes[..., 0], 0, -1)
    return array


def _unpremultiply(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array with its premultiplied colours divided by alpha."""
    full = 1.0 if array.dtype.kind == "f" else 65535.0
    alpha = array[..., -1:].astype(np.float64)
    colours = np.divide(array[..., :-1] * full, alpha, out=np.zeros(array[..., :-1].shape), where=alpha > 0)
    clipped = np.clip(colours, 0.0, full)
    straight = array.copy()
    straight[..., :-1] = clipped if array.dtype.kind == "f" else np.rint(clipped)
    return straight
