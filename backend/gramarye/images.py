"""Picture files to `PixelBuffer` and back: PNG, JPEG, TIFF, WebP.

EXIF orientation is obeyed on reading; the ICC profile travels in the buffer and is written again,
wherever it fits the pixels beside it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from gramarye_protocol.pixels import PixelBuffer

from .colour_profile import fitting, to_srgb
from .errors import InputError

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP"}
"""What can be written, by the file's ending."""

_READABLE = ("PNG", "JPEG", "TIFF", "WEBP")
_LAYOUT_OF_MODE = {"L": "GRAY", "LA": "GRAYA", "RGB": "RGB", "RGBA": "RGBA"}
_MODE_WITH_ALPHA = {"1": "LA", "L": "LA", "RGB": "RGBA", "P": "RGBA"}
_MAX_SIDE = {"JPEG": 65500, "WEBP": 16383}
"""libjpeg's JPEG_MAX_DIMENSION (below the 65535 of the format), libwebp's WEBP_MAX_DIMENSION."""

_SAVE_OPTIONS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95},
    "TIFF": {"compression": "tiff_lzw"},
}


def read_picture(path: str | os.PathLike[str], max_side: int = 0) -> PixelBuffer:
    """Read a picture as RGB, RGBA, GRAY or GRAYA of 8 bits; grey of 16 bits or of floats keeps its depth.

    ``max_side`` > 0 reduces it, antialiased, so that its longest side is at most that many pixels.
    Errors: ``picture-missing``, ``picture-unreadable``, ``picture-too-large``, ``picture-depth``.
    """
    image = _open(Path(path))
    profile = image.info.get("icc_profile") or b""
    image, profile = _plain(ImageOps.exif_transpose(image), profile)
    if max_side and max(image.size) > max_side:
        factor = max_side / max(image.size)
        size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return _buffer(image, profile)


def from_image(image: Image.Image, profile: bytes = b"") -> PixelBuffer:
    """A Pillow image as a buffer; ``profile`` is its ICC profile.

    Modes I (0..65535) and I;16 become GRAY u16, mode F (0..1) GRAY f32, all others 8 bits. CMYK and LAB
    become sRGB; a profile that does not fit the pixels is left out. Errors: ``picture-depth``.
    """
    return _buffer(*_plain(image, profile))


def to_image(pixels: PixelBuffer) -> Image.Image:
    """A buffer as a Pillow image. Errors: ``picture-depth`` where Pillow has no such mode."""
    _check_depth(pixels)
    size = (pixels.width, pixels.height)
    if pixels.depth == "u16":
        return Image.frombytes("I;16", size, bytes(pixels.data))
    if pixels.depth == "f32":
        return Image.frombytes("F", size, bytes(pixels.data), "raw", "F;32F")
    mode = {"GRAY": "L", "GRAYA": "LA", "RGB": "RGB", "RGBA": "RGBA", "BGRA": "RGBA"}[pixels.layout]
    raw = {"GRAY": "L", "GRAYA": "LA", "RGB": "RGB", "RGBA": "RGBA", "BGRA": "BGRA"}[pixels.layout]
    return Image.frombytes(mode, size, bytes(pixels.data), "raw", raw)


def check_writable(path: str | os.PathLike[str], pixels: PixelBuffer | None = None) -> None:
    """Refuse, before hours of work, a place where the result could not be written.

    ``pixels`` is a picture of the result's size, layout and depth, where that is known already.
    Errors: ``output-format``, ``output-folder``, ``output-size``, ``picture-depth``.
    """
    _target(path)
    if pixels is None:
        return
    _check_depth(pixels)
    kind = _format(path)
    most = _MAX_SIDE.get(kind, 0)
    if most and max(pixels.width, pixels.height) > most:
        raise InputError(
            "output-size",
            f"{Path(path).name} cannot hold {pixels.width} x {pixels.height} pixels: "
            f"a {kind} picture ends at {most} a side.",
            "Write it as PNG or TIFF (.png, .tif).",
        )


def write_picture(pixels: PixelBuffer, path: str | os.PathLike[str]) -> None:
    """Write atomically, in the format of the path's ending, with the buffer's ICC profile.

    A symbolic link stays one: the file that it names is replaced. JPEG holds no alpha: there the picture
    is laid on white. WebP knows no grey: there it becomes RGB. Grey of 16 bits or floats is rounded to
    8 bits for JPEG and WebP, floats to 16 bits for PNG; TIFF holds each. Errors: those of
    `check_writable`, ``output-failed``.
    """
    check_writable(path, pixels)
    target = _target(path)
    kind = _format(path)
    image = to_image(pixels)
    image, profile = _as_held_by(kind, image, fitting(bytes(pixels.profile), image.mode))
    options = dict(_SAVE_OPTIONS.get(kind, {}))
    if profile:
        options["icc_profile"] = profile
    try:
        _save_in_place(image, target, kind, options)
    except (OSError, ValueError) as error:
        raise InputError(
            "output-failed",
            f"{target} could not be written: {error}.",
            "What was painted is kept: `gramarye jobs` lists it, `gramarye fetch JOB -o FILE` writes it elsewhere.",
        ) from None


def _save_in_place(image: Image.Image, target: Path, kind: str, options: dict[str, object]) -> None:
    """Write beside the target, then take its name; whatever happens, nothing half-written stays."""
    temporary = target.with_name(f".gramarye-{secrets.token_hex(8)}{target.suffix}")
    try:
        with temporary.open("xb") as file:  # a new file of mode 0o666, less the umask
            image.save(file, format=kind, **options)
        os.replace(temporary, target)
    except BaseException:  # KeyboardInterrupt as well
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _as_held_by(kind: str, image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes]:
    """The picture and its profile, brought to a mode that the format can hold."""
    if kind != "TIFF" and image.mode == "F":
        image = Image.fromarray(np.rint(np.clip(np.asarray(image), 0, 1) * 65535.0).astype(np.uint16))
    if kind in ("JPEG", "WEBP") and image.mode == "I;16":
        image = Image.fromarray(((np.asarray(image).astype(np.uint32) + 128) // 257).astype(np.uint8))
    if kind == "JPEG" and image.mode in ("RGBA", "LA"):
        white = Image.new("RGBA", image.size, "white")
        flat = Image.alpha_composite(white, image.convert("RGBA"))
        image = flat.convert("L" if image.mode == "LA" else "RGB")
    if kind == "WEBP" and image.mode in ("L", "LA"):
        return to_srgb(image, profile)
    return image, profile


def _format(path: str | os.PathLike[str]) -> str:
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise InputError(
            "output-format",
            f"{Path(path).name} has no picture ending that can be written.",
            "Use one of " + ", ".join(FORMATS),
        )
    return FORMATS[ending]


def _target(path: str | os.PathLike[str]) -> Path:
    """The file to write, links followed. Errors: ``output-format``, ``output-folder``."""
    _format(path)
    try:
        target = Path(path).resolve()
        with contextlib.suppress(FileNotFoundError):
            target.stat()
        writable = target.parent.is_dir() and os.access(target.parent, os.W_OK) and not target.is_dir()
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL in it, a loop of links
        writable = False
    if not writable:
        raise InputError(
            "output-folder", f"{path} cannot be written.", "Name a file in a folder that exists and is yours."
        )
    return target


def _check_depth(pixels: PixelBuffer) -> None:
    if pixels.depth != "u8" and (pixels.layout, pixels.depth) not in (("GRAY", "u16"), ("GRAY", "f32")):
        raise InputError(
            "picture-depth",
            f"{pixels.layout} pixels of depth {pixels.depth} cannot be written to a file yet.",
            "Use 8 bits per channel.",
        )


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


def _plain(image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes]:
    """The picture in a mode that a buffer can hold, and its profile where that fits."""
    if image.mode in ("CMYK", "LAB"):
        return to_srgb(image, profile)
    image = _plain_mode(image)
    return image, fitting(profile, image.mode)


def _plain_mode(image: Image.Image) -> Image.Image:
    """Palette, bitmap and the like become grey or RGB, with alpha where there was transparency."""
    if "transparency" in image.info and image.mode in _MODE_WITH_ALPHA:
        return image.convert(_MODE_WITH_ALPHA[image.mode])
    if image.mode in _LAYOUT_OF_MODE:
        return image
    if image.mode == "F":
        _check_span(image, 1, "0 to 1")
        return image
    if image.mode == "I":
        _check_span(image, 65535, "0 to 65535")
    if image.mode == "I" or image.mode.startswith("I;16"):
        return image.convert("I;16")
    if image.mode == "La":
        return image.convert("LA")
    if image.mode in ("PA", "RGBa"):
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _check_span(image: Image.Image, most: int, span: str) -> None:
    """Refuse values that no depth of a buffer can hold; NaN is one of them."""
    values = np.asarray(image)
    if not ((values >= 0) & (values <= most)).all():
        kind = "floats" if image.mode == "F" else "32-bit integers"
        raise InputError(
            "picture-depth",
            f"The picture holds {kind} outside of {span}.",
            f"Scale its values to {span} in an editor, or save it with 8 or 16 bits per channel.",
        )


def _buffer(image: Image.Image, profile: bytes) -> PixelBuffer:
    if image.mode == "I;16":
        return PixelBuffer(image.width, image.height, "GRAY", "u16", image.tobytes(), profile)
    if image.mode == "F":
        values = np.clip(np.asarray(image), 0, 1).astype("<f4")  # resizing overshoots at edges
        return PixelBuffer(image.width, image.height, "GRAY", "f32", values.tobytes(), profile)
    return PixelBuffer(image.width, image.height, _LAYOUT_OF_MODE[image.mode], "u8", image.tobytes(), profile)
