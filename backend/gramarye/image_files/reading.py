"""A picture file to a buffer."""

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
from .downscale import reduce_to_side, reduced_size
from .limits import check_file, too_large
from .pillow_modes import image_to_buffer, to_supported_mode

_READABLE = ("PNG", "JPEG", "TIFF", "WEBP")


def read_picture(path: str | os.PathLike[str], max_side: int = 0) -> PixelBuffer:
    """Read a picture as RGB, RGBA, GRAY or GRAYA: PNG of 8 and 16 bits, TIFF of those and floats, JPEG, WebP.

    ``max_side`` > 0 reduces it, antialiased, so that its longest side is at most that many pixels.
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
    return image_to_buffer(image if size == image.size else image.resize(size, Image.Resampling.LANCZOS), profile)


@contextmanager
def _as_input_errors(path: Path) -> Iterator[None]:
    """What goes wrong with a file, as an `InputError`."""
    try:
        check_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what Pillow mutters of damaged fields that it skips
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
            "picture-too-large", f"{path.name} asks for more memory than there is.", "Reduce it in an editor first."
        ) from error
    except UnidentifiedImageError:
        raise InputError(
            "picture-unreadable",
            f"{path.name} is not a PNG, JPEG, TIFF or WebP picture.",
            "Open it in an editor and save it as PNG.",
        ) from None
    except Exception as error:  # a damaged file fails in as many ways as there are fields
        said = str(error).strip().rstrip(".") or type(error).__name__
        raise InputError(
            "picture-unreadable", f"{path.name} cannot be read: {said}.", "The file may be damaged or not yours."
        ) from error
