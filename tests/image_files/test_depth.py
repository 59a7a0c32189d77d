"""Files with 16 bits or floats: exact round trips in every layout, also through other programs."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Literal

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngImageFile

from gramarye.errors import InputError
from gramarye.image_files import check_writable, read_picture, to_eight_bits, write_picture
from gramarye.pixels.formats import DTYPES, array_to_buffer, buffer_to_array, to_unit
from gramarye_protocol.pixels import CHANNELS, PixelBuffer
from support.icc_profiles import profile

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY_PROFILE = profile("GRAY", 1.8)


def deep(layout: str, depth: str, shape: tuple[int, int] = (9, 7)) -> PixelBuffer:
    values = np.random.default_rng(1).random((*shape, CHANNELS[layout]))
    array = np.rint(values * 65535) if depth == "u16" else values
    return array_to_buffer(array, layout, depth, GREY_PROFILE if layout.startswith("GRAY") else PROFILE)


@pytest.mark.parametrize("layout", ["RGB", "RGBA", "GRAY", "GRAYA"])
@pytest.mark.parametrize(("ending", "depth"), [("png", "u16"), ("tif", "u16"), ("tif", "f16"), ("tiff", "f32")])
def test_what_is_written_comes_back_bit_for_bit_with_its_profile(
    tmp_path: Path, layout: str, ending: str, depth: str
) -> None:
    pixels = deep(layout, depth)
    path = tmp_path / f"picture.{ending}"
    check_writable(path, pixels)
    write_picture(pixels, path)
    again = read_picture(path)
    assert (again.layout, again.depth, again.profile) == (layout, depth, pixels.profile)
    assert bytes(again.data) == bytes(pixels.data)


@pytest.mark.parametrize(("ending", "depth"), [("png", "u16"), ("tif", "u16"), ("tif", "f32")])
def test_blue_first_is_written_as_red_first(tmp_path: Path, ending: str, depth: str) -> None:
    pixels = deep("BGRA", depth)
    write_picture(pixels, tmp_path / f"picture.{ending}")
    again = read_picture(tmp_path / f"picture.{ending}")
    assert again.layout == "RGBA"
    np.testing.assert_array_equal(buffer_to_array(again), buffer_to_array(pixels)[..., [2, 1, 0, 3]])


@pytest.mark.parametrize("layout", ["RGB", "RGBA", "GRAY"])
def test_other_programs_read_what_is_written(tmp_path: Path, layout: str) -> None:
    pixels = deep(layout, "u16")
    write_picture(pixels, tmp_path / "picture.png")
    write_picture(pixels, tmp_path / "picture.tif")
    tall = imagecodecs.png_decode((tmp_path / "picture.png").read_bytes())
    np.testing.assert_array_equal(tall.reshape(buffer_to_array(pixels).shape), buffer_to_array(pixels))
    for name in ("picture.png", "picture.tif"):
        with Image.open(tmp_path / name) as image:  # Pillow reads eight bits of each channel, and the profile
            assert image.info["icc_profile"] == pixels.profile
            near = np.asarray(image).reshape(9, 7, -1).astype(float) / (65535 if layout == "GRAY" else 255)
            np.testing.assert_allclose(near, buffer_to_array(pixels) / 65535, atol=1 / 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_obeyed_as_pillow_does(tmp_path: Path, orientation: int) -> None:
    array = np.random.default_rng(2).integers(0, 256, (5, 8, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(array).save(tmp_path / "plain.png", exif=exif)
    expected = buffer_to_array(read_picture(tmp_path / "plain.png")).astype(np.uint16) * 257
    wide = array.astype(np.uint16) * 257
    tags = [(274, "H", 1, orientation, True)]
    tifffile.imwrite(tmp_path / "deep.tif", wide, photometric="rgb", extratags=tags)
    np.testing.assert_array_equal(buffer_to_array(read_picture(tmp_path / "deep.tif")), expected)
    encoded = imagecodecs.png_encode(wide)
    (tmp_path / "deep.png").write_bytes(encoded[:33] + _chunk(b"eXIf", exif.tobytes()[6:]) + encoded[33:])
    np.testing.assert_array_equal(buffer_to_array(read_picture(tmp_path / "deep.png")), expected)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("dtype", ["u2", "f2", "f4", "f8"])
@pytest.mark.parametrize("extra", [None, "unspecified", "unassalpha"])
def test_tiffs_of_every_inner_order_are_read(
    tmp_path: Path, order: Literal["<", ">"], planes: str, dtype: str, extra: str | None
) -> None:
    values = np.random.default_rng(3).random((20, 1, 3 if extra is None else 4))
    array = (values * 65535).astype(dtype) if dtype == "u2" else values.astype(dtype)
    laid = array if planes == "contig" else np.moveaxis(array, 2, 0)
    tifffile.imwrite(
        tmp_path / "picture.tif",
        np.ascontiguousarray(laid),
        photometric="rgb",
        planarconfig=planes,
        byteorder=order,
        extrasamples=None if extra is None else [extra],
        compression="lzw",
        rowsperstrip=8,
    )
    again = read_picture(tmp_path / "picture.tif")
    wanted = array if extra == "unassalpha" else array[..., :3]
    assert (again.layout, again.depth) == ("RGBA" if extra == "unassalpha" else "RGB", _depth(dtype))
    np.testing.assert_array_equal(buffer_to_array(again), wanted.astype(DTYPES[again.depth]))


@pytest.mark.parametrize("dtype", ["u2", "f4"])
def test_premultiplied_alpha_becomes_straight(tmp_path: Path, dtype: str) -> None:
    colour, alpha = np.array([0.8, 0.4, 0.2]), np.linspace(0.0, 1.0, 12)[None, :, None]
    full = 65535 if dtype == "u2" else 1
    array = np.concatenate([colour * alpha, alpha], axis=2) * full
    stored = (np.rint(array) if dtype == "u2" else array).astype(dtype)
    tifffile.imwrite(tmp_path / "picture.tif", stored, photometric="rgb", extrasamples=["assocalpha"])
    found = to_unit(buffer_to_array(read_picture(tmp_path / "picture.tif")), _depth(dtype))
    np.testing.assert_allclose(found[0, 1:, :3], np.broadcast_to(colour, (11, 3)), atol=2e-4)
    np.testing.assert_array_equal(found[0, 0, :3], 0.0)
    np.testing.assert_allclose(found[..., 3:], alpha, atol=1e-5)


@pytest.mark.parametrize("layout", ["RGB", "GRAY"])
def test_one_transparent_colour_becomes_alpha(tmp_path: Path, layout: str) -> None:
    pixels = deep(layout, "u16")
    write_picture(pixels, tmp_path / "picture.png")
    data, clear = (tmp_path / "picture.png").read_bytes(), buffer_to_array(pixels)[0, 0]
    (tmp_path / "picture.png").write_bytes(data[:33] + _chunk(b"tRNS", clear.astype(">u2").tobytes()) + data[33:])
    again = read_picture(tmp_path / "picture.png")
    assert (again.layout, again.depth) == (layout + "A", "u16")
    assert buffer_to_array(again)[0, :2, -1].tolist() == [0, 65535]


@pytest.mark.parametrize("layout", ["RGB", "RGBA"])
@pytest.mark.parametrize(("ending", "depth"), [("png", "u16"), ("tif", "f32")])
def test_a_reduced_picture_keeps_its_depth(tmp_path: Path, layout: str, ending: str, depth: str) -> None:
    slope = np.tile(np.linspace(0.2, 0.21, 400)[None, :, None], (40, 1, CHANNELS[layout]))
    write_picture(
        array_to_buffer(np.rint(slope * 65535) if depth == "u16" else slope, layout, depth),
        tmp_path / f"picture.{ending}",
    )
    small = read_picture(tmp_path / f"picture.{ending}", max_side=100)
    assert (small.width, small.height, small.layout, small.depth) == (100, 10, layout, depth)
    found = to_unit(buffer_to_array(small), depth)
    assert len(np.unique(found[..., 1])) >= 100
    np.testing.assert_allclose(found[:, 3:-3], slope[:10, 1::4][:, 3:-3] + 0.5 * 0.01 / 399, atol=3e-5)


def test_a_reduced_picture_takes_no_colour_from_what_is_transparent(tmp_path: Path) -> None:
    array = np.zeros((40, 40, 4), np.uint16)
    array[:, :21] = (60000, 3000, 3000, 65535)
    array[:, 21:] = (0, 65535, 0, 0)
    write_picture(array_to_buffer(array, "RGBA", "u16"), tmp_path / "picture.png")
    small = buffer_to_array(read_picture(tmp_path / "picture.png", max_side=10)).astype(int)
    half = (small[..., 3] > 2000) & (small[..., 3] < 63000)
    assert half.any()
    assert np.abs(small[half][:, :3] - (60000, 3000, 3000)).max() < 40


def test_floats_are_rounded_to_sixteen_bits_as_png(tmp_path: Path) -> None:
    pixels = deep("RGBA", "f32")
    write_picture(pixels, tmp_path / "picture.png")
    again = read_picture(tmp_path / "picture.png")
    assert again.depth == "u16"
    np.testing.assert_array_equal(buffer_to_array(again), np.rint(buffer_to_array(pixels) * np.float32(65535)))


@pytest.mark.parametrize("ending", ["jpg", "webp"])
def test_eight_bit_formats_are_dithered(tmp_path: Path, ending: str) -> None:
    between = array_to_buffer(np.full((64, 64, 3), round(100.5 * 257)), "RGB", "u16", PROFILE)
    reduced = buffer_to_array(to_eight_bits(between))
    assert set(reduced.flat) == {100, 101}
    assert abs(reduced.mean() - 100.5) < 0.02
    write_picture(between, tmp_path / f"picture.{ending}")
    again = read_picture(tmp_path / f"picture.{ending}")
    assert (again.depth, again.profile) == ("u8", PROFILE)
    assert abs(buffer_to_array(again).mean() - 100.5) <= 0.5


def test_eight_bits_that_were_widened_are_themselves_again() -> None:
    array = np.random.default_rng(5).integers(0, 256, (300, 50, 3), dtype=np.uint16)
    np.testing.assert_array_equal(buffer_to_array(to_eight_bits(array_to_buffer(array * 257, "RGB", "u16"))), array)
    plain = array_to_buffer(array, "RGB", "u8")
    assert to_eight_bits(plain) is plain


def test_sixteen_bits_with_alpha_are_laid_on_white_as_jpeg(tmp_path: Path) -> None:
    array = np.zeros((16, 16, 4), np.uint16)
    array[:8, :, 3] = 65535
    write_picture(array_to_buffer(array, "BGRA", "u16"), tmp_path / "picture.jpg")
    found = buffer_to_array(read_picture(tmp_path / "picture.jpg"))
    assert found[:6].max() < 8
    assert found[10:].min() > 247


def test_every_level_of_a_sixteen_bit_gradient_survives_a_file(tmp_path: Path) -> None:
    ramp = np.repeat(np.arange(1 << 16).reshape(256, 256, 1), 3, axis=2)
    for ending in ("png", "tif"):
        write_picture(array_to_buffer(ramp, "RGB", "u16"), tmp_path / f"picture.{ending}")
        found = buffer_to_array(read_picture(tmp_path / f"picture.{ending}"))
        assert len(np.unique(found[..., 0])) == 65536 > 256


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    path = tmp_path / f"picture.{ending}"
    write_picture(deep("RGB", "u16"), path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)

    def unpack(*_: object, **__: object) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(imagecodecs, "png_decode", unpack)
    monkeypatch.setattr(PngImageFile, "load", unpack)
    monkeypatch.setattr(tifffile.TiffPage, "asarray", unpack)
    assert _code(path) == "picture-too-large"


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_cut_file_is_unreadable(tmp_path: Path, ending: str, share: float) -> None:
    path = tmp_path / f"picture.{ending}"
    write_picture(deep("RGB", "u16", (60, 60)), path)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    assert _code(path) == "picture-unreadable"


@pytest.mark.parametrize("worst", [-0.01, 1.01, float("nan"), float("inf")])
def test_floats_beyond_0_to_1_are_refused_in_words(tmp_path: Path, worst: float) -> None:
    array = np.full((3, 3, 3), 0.5, np.float32)
    array[1, 2, 0] = worst
    tifffile.imwrite(tmp_path / "picture.tif", array, photometric="rgb")
    assert _code(tmp_path / "picture.tif") == "picture-depth"


@pytest.mark.parametrize("dtype", ["u4", "i2", "i4"])
def test_integers_that_no_buffer_holds_are_refused_in_words(tmp_path: Path, dtype: str) -> None:
    tifffile.imwrite(tmp_path / "picture.tif", np.ones((4, 4, 3), dtype), photometric="rgb")
    assert _code(tmp_path / "picture.tif") == "picture-depth"


def _code(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_picture(path)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    return caught.value.code


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _depth(dtype: str) -> str:
    return {"u2": "u16", "f2": "f16", "f4": "f32", "f8": "f32"}[dtype]
