"""Reads a picture file into a buffer."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from gramarye_protocol.pixels import PixelBuffer

from ..errors import GramaryeError, InputError
from ..files.bounded_reader import BoundedReader
from . import deep_png, deep_tiff
from .downscale import FILTER, reduce_to_side, reduced_size
from .limits import check_file, too_large
from .pillow_modes import image_to_buffer, to_supported_mode

_READABLE = ("PNG", "JPEG", "TIFF", "WEBP")


def read_picture(path: str | os.PathLike[str], max_side: int = 0) -> PixelBuffer:
    """Read a PNG (8 or 16 bits), TIFF (8 or 16 bits, floats), JPEG or WebP file as RGB, RGBA, GRAY or GRAYA.

    If ``max_side`` is not 0, the picture is reduced, antialiased, to a longest side of at most that many pixels.
    Errors: ``picture-missing``, ``picture-unreadable``, ``picture-too-large``, ``picture-depth``.
    """
    file = Path(path)
    with _as_input_errors(file):
        deep = deep_tiff.read(file)
        if deep is not None:
            return reduce_to_side(deep, max_side)
        with BoundedReader(file) as content:
            image = Image.open(content, formats=_READABLE)
            if deep_png.is_deep(image):
                return reduce_to_side(deep_png.read(file, image), max_side)
            image.load()
            return _from_pillow(image, max_side)


def _from_pillow(image: Image.Image, max_side: int) -> PixelBuffer:
    profile = image.info.get("icc_profile") or b""
    image, profile = to_supported_mode(ImageOps.exif_transpose(image), profile)
    size = reduced_size(*image.size, max_side)
    if size != image.size:
        image = image.resize(size, FILTER)  # in the image's own mode; Pillow premultiplies alpha itself
    return image_to_buffer(image, profile)


@contextmanager
def _as_input_errors(path: Path) -> Iterator[None]:
    """Convert every exception from reading a file to `InputError`."""
    try:
        check_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # Pillow warns of damaged metadata that it skips
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except GramaryeError:
        raise
    except FileNotFoundError:
        raise InputError("picture-missing", f"There is no picture {path}.", "Check the path.") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise too_large(path.name) from None
    except MemoryError as error:
        raise InputError(
            "picture-too-large", f"{path.name} needs more memory than is available.", "Reduce it in an editor first."
        ) from error
    except UnidentifiedImageError:
        raise InputError(
            "picture-unreadable",
            f"{path.name} is not a PNG, JPEG, TIFF or WebP picture.",
            "Open it in an editor and save it as PNG.",
        ) from None
    except Exception as error:  # parsers raise many types for damaged files
        said = str(error).strip().rstrip(".") or type(error).__name__
        raise InputError(
            "picture-unreadable",
            f"{path.name} cannot be read: {said}.",
            "Check that it is complete and that you may read it.",
        ) from error
