"""Damaged and hostile picture files: an error with a code, no other exception, and limited memory."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from gramarye.errors import InputError
from gramarye.image_files import limits, read_picture
from support.homes import REPOSITORY

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
CODES = {"picture-unreadable", "picture-too-large", "picture-depth"}


def _error(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_picture(path)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    return caught.value


def _outcome(path: Path) -> str:
    """Return ``read``, or the code of the error."""
    try:
        read_picture(path)
    except InputError as error:
        return error.code
    return "read"


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "maker"
    return exif


def _image(mode: str) -> Image.Image:
    values = np.random.default_rng(3).integers(0, 256, (24, 20, 4), dtype=np.uint8)
    return Image.fromarray(values, "RGBA").convert(mode)


def _deep(path: Path, **options: object) -> None:
    values = np.random.default_rng(4).integers(0, 65536, (24, 20, 3), dtype=np.uint16)
    tifffile.imwrite(path, values, photometric="rgb", iccprofile=SRGB, **options)  # type: ignore[arg-type]


def _deep_png(path: Path) -> None:
    import imagecodecs

    path.write_bytes(imagecodecs.png_encode(np.zeros((24, 20, 3), np.uint16)))


WRITERS: dict[str, Callable[[Path], None]] = {
    "png": lambda path: _image("RGBA").save(path, "PNG", icc_profile=SRGB, exif=_exif()),
    "palette": lambda path: _image("RGB").convert("P").save(path, "PNG", transparency=3),
    "jpeg": lambda path: _image("RGB").save(path, "JPEG", icc_profile=SRGB, exif=_exif()),
    "ink": lambda path: _image("CMYK").save(path, "JPEG", icc_profile=SRGB, exif=_exif()),
    "tiff": lambda path: _image("RGB").save(path, "TIFF", compression="tiff_lzw", icc_profile=SRGB, exif=_exif()),
    "webp": lambda path: _image("RGBA").save(path, "WEBP", icc_profile=SRGB, exif=_exif()),
    "deep png": _deep_png,
    "deep tiff": lambda path: _deep(path),
    "deep deflated tiff": lambda path: _deep(path, compression="zlib", predictor=True),
    "deep tiled tiff": lambda path: _deep(path, tile=(16, 16), compression="lzw"),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_flipped_bytes_never_surprise(kind: str, tmp_path: Path) -> None:
    """With any byte changed, reading returns a picture or raises an InputError with a known code."""
    path = tmp_path / "picture"
    WRITERS[kind](path)
    whole = path.read_bytes()
    chance = random.Random(kind)
    for position in (*range(0, min(len(whole), 96), 3), *(chance.randrange(len(whole)) for _ in range(120))):
        changed = bytearray(whole)
        changed[position] ^= chance.choice((0x01, 0x55, 0x80, 0xFF))
        path.write_bytes(changed)
        assert _outcome(path) in {*CODES, "read"}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_is_cut_anywhere_is_unreadable_in_words(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    WRITERS[kind](path)
    whole = path.read_bytes()
    for share in (0.0, 0.01, 0.2, 0.4, 0.6):
        path.write_bytes(whole[: int(share * len(whole))])
        assert _error(path).code == "picture-unreadable"


@pytest.mark.parametrize(
    "profile",
    [b"", b"x", bytes(128), SRGB[:200], SRGB[:-50] + b"\xff" * 50, b"\xff" * 4000, SRGB[:128] + b"\xff" * 3000],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_malformed_profile_is_left_out_or_carried_but_never_fatal(kind: str, profile: bytes, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    for mode in ("RGB", "CMYK") if kind in ("JPEG", "TIFF") else ("RGB",):
        _image(mode).save(path, kind, icc_profile=profile)
        pixels = read_picture(path)
        assert (pixels.width, pixels.height) == (20, 24)


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0garbage",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0\xff\xff\xff\xff\x06\0\0\0",
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x04oops\0\0\0\0",  # orientation as text
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x05\0\0\0\x01\0\0\0\x08\0\0\0\0",  # orientation as a fraction
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_malformed_exif_block_turns_nothing_or_is_refused_in_words(kind: str, exif: bytes, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    _image("RGB").save(path, kind, exif=exif)
    if _outcome(path) == "read":
        pixels = read_picture(path)
        assert (pixels.width, pixels.height) == (20, 24)
    else:
        assert _error(path).code == "picture-unreadable"


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(width: int, height: int, *extra: bytes, bits: int = 8) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(extra)
        + _chunk(b"IDAT", zlib.compress(bytes(4000)))
        + _chunk(b"IEND", b"")
    )


def _zeros(count: int) -> bytes:
    """Return ``count`` MiB of zeros, deflated (RFC 1950): a repeated block, an empty last block, the checksum."""
    packer = zlib.compressobj(9, wbits=-15)
    one = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    adler = ((count << 20) % 65521) << 16 | 1
    return b"\x78\xda" + count * one + b"\x03\0" + struct.pack(">I", adler)


def _jpeg(width: int, height: int) -> bytes:
    out = io.BytesIO()
    _image("RGB").save(out, "JPEG")
    data = bytearray(out.getvalue())
    at = data.index(b"\xff\xc0") + 5  # SOF0: height and width behind length and precision (ITU-T T.81, B.2.2)
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _tiff(samples: int = 3, tile: int = 0, compression: int = 1, width: int = 64, height: int = 64) -> bytes:
    """Return a small 16-bit TIFF whose header states these sizes."""
    entries = [
        (256, 4, width), (257, 4, height), (258, 3, 16), (259, 3, compression), (262, 3, 1),
        (277, 3, samples), (278, 4, height), (273, 4, 8), (279, 4, 0),
    ]  # fmt: skip
    if tile:
        entries = [entry for entry in entries if entry[0] not in (273, 278, 279)]
        entries += [(322, 4, tile), (323, 4, tile), (324, 4, 8), (325, 4, 64)]
    entries.sort()
    body = b"".join(struct.pack("<HHI", tag, kind, 1) + struct.pack("<I", value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + body + bytes(4) + bytes(64)


BOMBS = {
    "png of a billion pixels": lambda: _png(32000, 32000),
    "deep png of a billion pixels": lambda: _png(32000, 32000, bits=16),
    "png text of 3 GiB": lambda: _png(20, 20, _chunk(b"zTXt", b"k\0\0" + _zeros(3072))),
    "png profile of 3 GiB": lambda: _png(20, 20, _chunk(b"iCCP", b"k\0\0" + _zeros(3072))),
    "deep png profile of 3 GiB": lambda: _png(20, 20, _chunk(b"iCCP", b"k\0\0" + _zeros(3072)), bits=16),
    "jpeg of four billion pixels": lambda: _jpeg(65500, 65500),
    "tiff of a billion pixels": lambda: _tiff(width=32000, height=32000),
    "tiff of 65000 channels": lambda: _tiff(samples=65000, width=100, height=100),
    "tiff with one tile of 270 million pixels": lambda: _tiff(tile=16384, compression=5),
    "tiff that holds a jpeg": lambda: _tiff(tile=64, compression=7),
}

_READ_WITHIN = """
import resource, sys
from gramarye.errors import InputError
from gramarye.image_files import read_picture
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_picture(sys.argv[1])
    print("read", end=" ")
except InputError as error:
    print(error.code, end=" ")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it, in KiB")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory_and_is_refused_or_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[name]())
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(str(REPOSITORY / part) for part in ("backend", "protocol"))}
    told = subprocess.run(
        [sys.executable, "-c", _READ_WITHIN, str(path)], env=environ, capture_output=True, text=True, check=True
    )
    code, grown = told.stdout.split()
    assert code in {*CODES, "read"}
    assert code != "read" or "profile" in name
    assert int(grown) < 200 << 10


@pytest.mark.parametrize(
    ("channels", "options", "code"),
    [
        (20, {}, "picture-too-large"),
        (3, {"tile": (128, 128)}, "picture-too-large"),
        (3, {"compression": "jpeg2000"}, "picture-unreadable"),
    ],
    ids=["channels", "tile", "a picture of its own size within"],
)
def test_a_deep_tiff_beyond_the_limits_is_not_unpacked(
    channels: int, options: dict[str, Any], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture.tif"
    kind = "rgb" if channels == 3 else "minisblack"
    values = np.zeros((40, 40, channels), np.uint16)
    tifffile.imwrite(path, values, photometric=kind, planarconfig="contig", **options)

    def unpack(*_: object, **__: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5000)
    monkeypatch.setattr(tifffile.TiffPage, "asarray", unpack)
    error = _error(path)
    assert error.code == code
    assert "unpacked" not in error.message


def test_a_bomb_that_exhausts_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "picture.png"
    _image("RGB").save(path)

    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", no_memory)
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", no_memory, raising=False)
    assert _error(path).code == "picture-too-large"


def test_an_enormous_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "picture.webp"
    with path.open("wb") as file:
        file.write(b"RIFF\xff\xff\xff\xffWEBPVP8 ")
        with suppress(OSError):
            file.truncate(limits.MAX_FILE_BYTES + 1)  # sparse: takes no disk space
    assert _error(path).code == "picture-too-large"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "picture.png")
    assert _error(tmp_path / "picture.png").code == "picture-unreadable"
