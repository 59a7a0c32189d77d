"""Picture files to `PixelBuffer` and back: PNG, JPEG, TIFF, WebP.

EXIF orientation is obeyed on reading; the ICC profile travels in the buffer and is written again.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from gramarye_protocol.pixels import PixelBuffer

from .errors import InputError

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP"}
"""What can be written, by the file's ending."""

_READABLE = ("PNG", "JPEG", "TIFF", "WEBP")
_LAYOUT_OF_MODE = {"L": "GRAY", "LA": "GRAYA", "RGB": "RGB", "RGBA": "RGBA"}
_SAVE_OPTIONS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95},
    "TIFF": {"compression": "tiff_lzw"},
}


def read_picture(path: str | os.PathLike[str], max_side: int = 0) -> PixelBuffer:
    """Read a picture as an 8-bit buffer (RGB, RGBA, GRAY or GRAYA; 16-bit grey stays 16-bit).

    ``max_side`` > 0 reduces it, antialiased, so that its longest side is at most that many pixels.
    Errors: ``picture-missing``, ``picture-unreadable``, ``picture-too-large``.
    """
    image = _open(Path(path))
    profile = image.info.get("icc_profile") or b""
    image = _plain_mode(ImageOps.exif_transpose(image))
    if max_side and max(image.size) > max_side:
        factor = max_side / max(image.size)
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return from_image(image, profile)


def from_image(image: Image.Image, profile: bytes = b"") -> PixelBuffer:
    """A Pillow image as a buffer; ``profile`` is its ICC profile."""
    if image.mode.startswith("I;16"):
        data = image.convert("I;16").tobytes()
        return PixelBuffer(image.width, image.height, "GRAY", "u16", data, profile)
    plain = _plain_mode(image)
    return PixelBuffer(plain.width, plain.height, _LAYOUT_OF_MODE[plain.mode], "u8", plain.tobytes(), profile)


def to_image(pixels: PixelBuffer) -> Image.Image:
    """A buffer as a Pillow image. Errors: ``picture-depth`` where Pillow has no such mode."""
    size = (pixels.width, pixels.height)
    if pixels.depth == "u16" and pixels.layout == "GRAY":
        return Image.frombytes("I;16", size, bytes(pixels.data))
    if pixels.depth != "u8":
        raise InputError(
            "picture-depth",
            f"{pixels.layout} pixels of depth {pixels.depth} cannot be written to a file yet.",
            "Use 8 bits per channel.",
        )
    mode = {"GRAY": "L", "GRAYA": "LA", "RGB": "RGB", "RGBA": "RGBA", "BGRA": "RGBA"}[pixels.layout]
    raw = {"GRAY": "L", "GRAYA": "LA", "RGB": "RGB", "RGBA": "RGBA", "BGRA": "BGRA"}[pixels.layout]
    return Image.frombytes(mode, size, bytes(pixels.data), "raw", raw)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Refuse, before hours of work, a place where the result could not be written.

    Errors: ``output-format``, ``output-folder``.
    """
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise InputError(
            "output-format",
            f"{target.name} has no picture ending that can be written.",
            "Use one of " + ", ".join(FORMATS),
        )
    folder = target.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK) or target.is_dir():
        raise InputError(
            "output-folder", f"{target} cannot be written.", "Name a file in a folder that exists and is yours."
        )


def write_picture(pixels: PixelBuffer, path: str | os.PathLike[str]) -> None:
    """Write atomically, in the format of the path's ending, with the buffer's ICC profile.

    JPEG holds no alpha: there the picture is laid on white. Errors: ``output-format``,
    ``output-folder``, ``output-failed``.
    """
    check_writable(path)
    target = Path(path)
    kind = FORMATS[target.suffix.lower()]
    image = to_image(pixels)
    if kind == "JPEG" and image.mode in ("RGBA", "LA"):
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    options = dict(_SAVE_OPTIONS.get(kind, {}))
    if pixels.profile:
        options["icc_profile"] = bytes(pixels.profile)
    handle, temporary = tempfile.mkstemp(prefix=".gramarye-", suffix=target.suffix, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            image.save(file, format=kind, **options)
        _take_place(temporary, target)
    except (OSError, ValueError) as error:
        Path(temporary).unlink(missing_ok=True)
        raise InputError("output-failed", f"{target} could not be written: {error}.", "Is the disk full?") from None


def _take_place(temporary: str, target: Path) -> None:
    """Give the finished file the permissions that a plain ``open`` would have, then its name."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(temporary, 0o666 & ~mask)
    os.replace(temporary, target)


def _open(path: Path) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(path, formats=_READABLE)
            image.load()
    except FileNotFoundError:
        raise InputError("picture-missing", f"There is no picture {path}.", "Check the path.") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InputError(
            "picture-too-large",
            f"{path.name} unpacks to more than {Image.MAX_IMAGE_PIXELS} pixels.",
            "Reduce it in an editor first.",
        ) from None
    except UnidentifiedImageError:
        raise InputError(
            "picture-unreadable",
            f"{path.name} is not a PNG, JPEG, TIFF or WebP picture.",
            "Open it in an editor and save it as PNG.",
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise InputError(
            "picture-unreadable", f"{path.name} cannot be read: {error}.", "The file may be damaged or not yours."
        ) from None
    return image


def _plain_mode(image: Image.Image) -> Image.Image:
    """Palette, bitmap, CMYK and the like become grey or RGB, with alpha where there was transparency."""
    if image.mode in _LAYOUT_OF_MODE or image.mode.startswith("I;16"):
        return image
    if image.mode in ("PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "I", "F") else "RGB")
