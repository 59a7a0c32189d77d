"""Picture files: formats, orientation, profile, depth and errors."""

from __future__ import annotations

import os
import stat
import struct
import sys
import tracemalloc
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from gramarye.errors import InputError
from gramarye.image_files import check_writable, from_image, read_picture, to_image, write_picture
from gramarye_protocol.pixels import PixelBuffer

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _icc(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """A small ICC profile, version 2.4 (ICC.1:2001-04, sections 6.1 and 6.2)."""
    white = struct.pack(">3i", 63190, 65536, 54061)  # D50 as s15Fixed16
    tags = {b"wtpt": b"XYZ \0\0\0\0" + white, **tags}
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">2I", start + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s28s", start + len(body), b"", 0x02400000, kind, space, connection, b"", b"acsp", b""
    )
    return (head + white).ljust(128, b"\0") + table + body


def _ink_profile() -> bytes:
    """A CMYK profile whose cyan ink is mid-grey, so that the result shows whether it was used."""
    ramp = bytes(range(256))
    grid = b""
    for corner in range(16):  # 2 grid points per ink, C first, K fastest; L*a*b* of 8 bits
        cyan, others = corner & 8, corner & 7
        grid += bytes((0 if others else 128 if cyan else 255, 128, 128))
    unit = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + unit + ramp * 4 + grid + ramp * 3
    return _icc(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut, b"A2B1": lut})


LINEAR_GREY = _icc(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": b"curv" + bytes(8)})
INK = _ink_profile()


def _fitting(mode: str) -> bytes:
    return LINEAR_GREY if mode in ("L", "LA") else PROFILE


def _gradient(mode: str) -> Image.Image:
    image = Image.new("RGBA", (12, 8))
    for x in range(12):
        for y in range(8):
            image.putpixel((x, y), (x * 20, y * 30, 99, 255 - x))
    return image.convert(mode)


def _code(action: object, *arguments: object) -> str:
    assert callable(action)
    with pytest.raises(InputError) as caught:
        action(*arguments)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
@pytest.mark.parametrize("ending", [".png", ".tiff", ".TIF"])
def test_lossless_formats_come_back_as_they_went_with_their_profile(tmp_path: Path, mode: str, ending: str) -> None:
    image = _gradient(mode)
    path = tmp_path / f"picture{ending}"
    write_picture(from_image(image, _fitting(mode)), path)
    again = read_picture(path)
    assert bytes(again.data) == image.tobytes()
    assert again.profile == _fitting(mode)


@pytest.mark.parametrize("ending", [".jpg", ".jpeg", ".webp"])
def test_lossy_formats_come_back_nearly_with_their_profile(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"picture{ending}"
    pixels = PixelBuffer(16, 16, "RGB", "u8", bytes((120, 130, 140)) * 256, PROFILE)
    write_picture(pixels, path)
    again = read_picture(path)
    assert max(abs(a - b) for a, b in zip(bytes(again.data), pixels.data, strict=True)) < 8
    assert again.profile == PROFILE


def test_exif_orientation_is_obeyed(tmp_path: Path) -> None:
    image = _gradient("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF 2.3: the top row is the right-hand side
    path = tmp_path / "turned.png"
    image.save(path, exif=exif)
    turned = read_picture(path)
    assert (turned.width, turned.height) == (8, 12)
    assert bytes(turned.data) == image.transpose(Image.Transpose.ROTATE_270).tobytes()


def test_jpeg_lays_transparency_on_white(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    write_picture(PixelBuffer(16, 16, "RGBA", "u8", bytes((0, 0, 0, 0)) * 256), path)
    assert min(bytes(read_picture(path).data)) > 250


@pytest.mark.parametrize(("mode", "layout"), [("P", "RGB"), ("1", "GRAY"), ("CMYK", "RGB")])
def test_other_modes_become_plain_ones(tmp_path: Path, mode: str, layout: str) -> None:
    path = tmp_path / "picture.tiff"
    _gradient("RGB").convert(mode).save(path)
    assert read_picture(path).layout == layout


def test_a_palette_with_transparency_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    _gradient("RGB").convert("P").save(path, transparency=0)
    assert read_picture(path).layout == "RGBA"


def test_sixteen_bit_grey_stays_sixteen_bit(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    image = Image.frombytes("I;16", (3, 2), bytes(range(12)))
    image.save(path)
    pixels = read_picture(path)
    assert (pixels.depth, bytes(pixels.data)) == ("u16", image.tobytes())
    assert to_image(pixels).tobytes() == image.tobytes()


def test_large_pictures_are_reduced_to_the_side_asked_for_and_small_ones_left(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    _gradient("RGB").save(path)
    assert (read_picture(path, max_side=6).width, read_picture(path, max_side=6).height) == (6, 4)
    assert read_picture(path, max_side=100).width == 12


def test_bgra_is_written_in_the_right_order() -> None:
    assert to_image(PixelBuffer(1, 1, "BGRA", "u8", bytes((1, 2, 3, 4)))).getpixel((0, 0)) == (3, 2, 1, 4)


def test_a_stated_size_is_not_allocated(tmp_path: Path) -> None:
    path = tmp_path / "claims.png"
    Image.new("RGB", (5, 4)).save(path)
    data = path.read_bytes()
    place = data.index(b"IDAT")
    path.write_bytes(data[: place - 4] + b"\x7f\xff\xff\xff" + data[place:])
    tracemalloc.start()
    try:
        with suppress(InputError):
            read_picture(path)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_a_picture_that_does_not_fit_into_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: Image.Image) -> None:
        raise MemoryError

    Image.new("RGB", (5, 4)).save(tmp_path / "p.png")
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", load)
    assert _code(read_picture, tmp_path / "p.png") == "picture-too-large"


def test_missing_unreadable_and_damaged_pictures_are_told_apart(tmp_path: Path) -> None:
    assert _code(read_picture, tmp_path / "none.png") == "picture-missing"
    assert _code(read_picture, tmp_path) == "picture-unreadable"
    text = tmp_path / "text.png"
    text.write_text("no picture")
    assert _code(read_picture, text) == "picture-unreadable"
    whole = tmp_path / "whole.png"
    _gradient("RGB").save(whole)
    cut = tmp_path / "cut.png"
    cut.write_bytes(whole.read_bytes()[:60])
    assert _code(read_picture, cut) == "picture-unreadable"


def test_a_decompression_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.png"
    _gradient("RGB").save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    assert _code(read_picture, path) == "picture-too-large"


def test_places_that_cannot_be_written_are_refused_before_the_work(tmp_path: Path) -> None:
    assert _code(check_writable, tmp_path / "picture.gif") == "output-format"
    assert _code(check_writable, tmp_path / "picture") == "output-format"
    assert _code(check_writable, tmp_path / "no folder" / "picture.png") == "output-folder"
    (tmp_path / "folder.png").mkdir()
    assert _code(check_writable, tmp_path / "folder.png") == "output-folder"


def test_a_depth_that_pillow_cannot_hold_is_refused() -> None:
    assert _code(to_image, PixelBuffer(1, 1, "RGB", "f32", bytes(12))) == "picture-depth"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_written_picture_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    write_picture(from_image(_gradient("RGB")), path)
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == ["picture.png", "plain"]


def _grey16(values: list[int]) -> PixelBuffer:
    return PixelBuffer(8 * len(values), 8, "GRAY", "u16", np.tile(np.repeat(values, 8), (8, 1)).astype("<u2").tobytes())


def _row(pixels: PixelBuffer) -> list[int]:
    """The first channel of the middle of each 8 x 8 square."""
    array = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, pixels.channels)
    return [int(value) for value in array[4, 4::8, 0]]


@pytest.mark.parametrize("ending", [".jpg", ".webp"])
def test_sixteen_bit_grey_is_reduced_to_eight_where_the_format_holds_no_more(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"picture{ending}"
    write_picture(_grey16([0, 100 * 257 + 128, 100 * 257 + 129, 65535]), path)
    assert np.abs(np.subtract(_row(read_picture(path)), [0, 100, 101, 255])).max() <= 2


@pytest.mark.parametrize("ending", [".png", ".tif", ".jpg", ".webp"])
def test_grey_floats_are_written_as_finely_as_the_format_can(tmp_path: Path, ending: str) -> None:
    values = np.tile(np.repeat(np.array([0.0, 0.25, 1.0], "<f4"), 8), (8, 1))
    path = tmp_path / f"picture{ending}"
    write_picture(PixelBuffer(24, 8, "GRAY", "f32", values.tobytes()), path)
    again = read_picture(path)
    assert again.depth == {".png": "u16", ".tif": "f32"}.get(ending, "u8")
    if ending == ".tif":
        assert bytes(again.data) == values.tobytes()
    elif ending == ".png":
        assert list(np.frombuffer(again.data, "<u2")[:24:8]) == [0, 16384, 65535]
    else:
        assert np.abs(np.subtract(_row(again), [0, 64, 255])).max() <= 2


@pytest.mark.parametrize(("name", "most"), [("a.webp", 16383), ("a.jpg", 65500), ("a.JPEG", 65500)])
def test_a_size_that_the_format_cannot_hold_is_refused_before_the_work(tmp_path: Path, name: str, most: int) -> None:
    path = tmp_path / name
    check_writable(path, PixelBuffer(most, 1, "GRAY", "u8", bytes(most)))
    for width, height in ((most + 1, 1), (1, most + 1)):
        large = PixelBuffer(width, height, "GRAY", "u8", bytes(most + 1))
        assert _code(check_writable, path, large) == "output-size"
        assert _code(write_picture, large, path) == "output-size"
        for other in ("a.png", "a.tif"):
            check_writable(tmp_path / other, large)
            write_picture(large, tmp_path / other)
    assert sorted(os.listdir(tmp_path)) == ["a.png", "a.tif"]


def test_the_largest_sides_allowed_can_be_written(tmp_path: Path) -> None:
    for name, most in (("a.webp", 16383), ("a.jpg", 65500)):
        write_picture(PixelBuffer(most, 1, "GRAY", "u8", bytes(most)), tmp_path / name)
        assert read_picture(tmp_path / name).width == most


def test_integers_of_32_bits_within_16_stay_what_they_are(tmp_path: Path) -> None:
    values = np.array([[0, 1, 300], [4000, 65534, 65535]], np.int32)
    path = tmp_path / "picture.tif"
    Image.fromarray(values).save(path)
    for pixels in (read_picture(path), from_image(Image.fromarray(values))):
        assert (pixels.layout, pixels.depth) == ("GRAY", "u16")
        assert bytes(pixels.data) == values.astype("<u2").tobytes()


def test_floats_from_0_to_1_stay_what_they_are(tmp_path: Path) -> None:
    values = np.array([[0, 0.001, 0.25], [0.5, 0.999, 1]], np.float32)
    path = tmp_path / "picture.tif"
    Image.fromarray(values).save(path)
    for pixels in (read_picture(path), from_image(Image.fromarray(values))):
        assert (pixels.layout, pixels.depth) == ("GRAY", "f32")
        assert bytes(pixels.data) == values.astype("<f4").tobytes()


@pytest.mark.parametrize("worst", [-1, 65536, 1 << 30])
def test_integers_beyond_16_bits_are_refused_in_words(worst: int) -> None:
    assert _code(from_image, Image.fromarray(np.array([[5, worst]], np.int32))) == "picture-depth"


@pytest.mark.parametrize("worst", [-0.01, 1.01, 255.0, float("nan"), float("inf")])
def test_floats_beyond_0_to_1_are_refused_in_words(tmp_path: Path, worst: float) -> None:
    path = tmp_path / "picture.tif"
    Image.fromarray(np.array([[0.5, worst]], np.float32)).save(path)
    assert _code(read_picture, path) == "picture-depth"


def test_reduced_floats_stay_from_0_to_1(tmp_path: Path) -> None:
    path = tmp_path / "picture.tif"
    Image.fromarray(np.repeat(np.array([[0, 1]], np.float32), 32, axis=1).repeat(8, axis=0)).save(path)
    values = np.frombuffer(read_picture(path, max_side=24).data, "<f4")
    assert (values.min(), values.max()) == (0, 1)


def test_ink_is_converted_by_its_profile_and_carries_the_profile_of_its_new_colours(tmp_path: Path) -> None:
    path = tmp_path / "picture.tif"
    Image.new("CMYK", (2, 2), (255, 0, 0, 0)).save(path, icc_profile=INK)
    pixels = read_picture(path)
    red, green, blue = bytes(pixels.data)[:3]
    assert max(abs(value - 119) for value in (red, green, blue)) < 4  # L* = 50; without the profile: 0, 255, 255
    assert ImageCms.ImageCmsProfile(BytesIO(bytes(pixels.profile))).profile.xcolor_space == "RGB "


@pytest.mark.parametrize("profile", [b"", PROFILE, INK[:300], b"no profile" * 40])
def test_ink_without_a_usable_profile_is_converted_plainly(tmp_path: Path, profile: bytes) -> None:
    path = tmp_path / "picture.tif"
    image = Image.new("CMYK", (2, 2), (255, 0, 0, 0))
    image.save(path, icc_profile=profile)
    pixels = read_picture(path)
    assert bytes(pixels.data) == image.convert("RGB").tobytes()
    assert pixels.profile == b""


def test_an_ink_profile_without_its_tables_is_left_out() -> None:
    bare = _icc(b"prtr", b"CMYK", b"Lab ", {})
    assert from_image(Image.new("CMYK", (2, 2)), bare).profile == b""


def test_lab_becomes_srgb(tmp_path: Path) -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    path = tmp_path / "picture.tif"
    colour = ImageCms.profileToProfile(Image.new("RGB", (1, 1), (200, 120, 60)), srgb, lab, outputMode="LAB")
    assert colour is not None
    colour.save(path)
    pixels = read_picture(path)
    assert max(abs(a - b) for a, b in zip(bytes(pixels.data), (200, 120, 60), strict=True)) < 4
    assert pixels.profile


@pytest.mark.parametrize(
    ("mode", "profile"),
    [("L", PROFILE), ("LA", INK), ("RGB", LINEAR_GREY), ("RGBA", INK), ("RGB", PROFILE[:-9]), ("L", b"x" * 200)],
)
def test_a_profile_that_does_not_fit_is_left_out(tmp_path: Path, mode: str, profile: bytes) -> None:
    image = _gradient(mode)
    path = tmp_path / "picture.tif"
    image.save(path, icc_profile=profile)
    assert read_picture(path).profile == b""
    pixels = from_image(image)
    write_picture(PixelBuffer(12, 8, pixels.layout, "u8", pixels.data, profile), path)
    with Image.open(path) as written:
        assert "icc_profile" not in written.info


def test_grey_with_alpha_stays_grey_as_jpeg_with_its_profile(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    data = bytes((40, 255)) * 128 + bytes((40, 0)) * 128
    write_picture(PixelBuffer(16, 16, "GRAYA", "u8", data, LINEAR_GREY), path)
    again = read_picture(path)
    assert (again.layout, again.profile) == ("GRAY", LINEAR_GREY)
    assert abs(bytes(again.data)[0] - 40) < 4
    assert bytes(again.data)[-1] > 250


@pytest.mark.parametrize("alpha", [False, True])
def test_grey_is_written_as_colour_by_its_profile_where_the_format_knows_no_grey(tmp_path: Path, alpha: bool) -> None:
    path = tmp_path / "picture.webp"
    data = bytes((55, 200)) * 256 if alpha else bytes((55,)) * 256
    write_picture(PixelBuffer(16, 16, "GRAYA" if alpha else "GRAY", "u8", data, LINEAR_GREY), path)
    again = read_picture(path)
    assert again.layout == ("RGBA" if alpha else "RGB")
    assert abs(bytes(again.data)[0] - 128) < 4  # linear 55 / 255 in sRGB
    assert from_image(Image.new("RGB", (1, 1)), bytes(again.profile)).profile == again.profile != b""


@pytest.mark.parametrize(
    ("mode", "clear", "layout"), [("L", 7, "GRAYA"), ("1", 0, "GRAYA"), ("RGB", (7, 7, 7), "RGBA"), ("P", 7, "RGBA")]
)
def test_one_transparent_colour_becomes_alpha(
    tmp_path: Path, mode: str, clear: int | tuple[int, ...], layout: str
) -> None:
    image = Image.new(mode, (2, 1), clear)
    image.putpixel((1, 0), 1 if mode in "1P" else (90, 90, 90) if mode == "RGB" else 90)
    if mode == "P":
        image.putpalette(bytes(range(30)))
    path = tmp_path / "picture.png"
    image.save(path, transparency=clear)
    pixels = read_picture(path)
    assert pixels.layout == layout
    assert bytes(pixels.data)[pixels.channels - 1 :: pixels.channels] == bytes((0, 255))


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights there")
def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    real, link = tmp_path / "far" / "real.png", tmp_path / "link.png"
    link.symlink_to(real)
    for side in (1, 2):  # first dangling, then on a file
        write_picture(PixelBuffer(side, 1, "GRAY", "u8", bytes(side)), link)
        assert link.is_symlink()
        assert read_picture(real).width == side
    assert os.listdir(tmp_path / "far") == ["real.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights there")
def test_names_that_lead_nowhere_are_refused_before_the_work(tmp_path: Path) -> None:
    loop = tmp_path / "loop.png"
    loop.symlink_to(loop)
    assert _code(check_writable, loop) == "output-folder"
    assert _code(check_writable, tmp_path / ("x" * 300 + ".png")) == "output-folder"
    assert _code(check_writable, tmp_path / "a\0b.png") == "output-folder"


@pytest.mark.parametrize("step", ["save", "replace"])
def test_an_interrupt_leaves_the_old_picture_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    place: object = Image.Image if step == "save" else os
    monkeypatch.setattr(place, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_picture(from_image(_gradient("RGB")), path)
    assert os.listdir(tmp_path) == ["picture.png"]
    assert path.read_bytes() == b"old"


def test_a_late_failure_says_where_the_painting_still_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for place, name in ((os, "open"), (Image.Image, "save"), (os, "fsync"), (os, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, full)
            with pytest.raises(InputError) as caught:
                write_picture(from_image(_gradient("RGB")), tmp_path / "picture.png")
        assert caught.value.code == "output-failed"
        assert "gramarye jobs" in caught.value.hint
        assert "gramarye fetch JOB -o FILE" in caught.value.hint
    assert os.listdir(tmp_path) == []


def test_the_umask_of_the_process_is_never_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "umask", asked.append)
    write_picture(from_image(_gradient("RGB")), tmp_path / "picture.png")
    assert asked == []
