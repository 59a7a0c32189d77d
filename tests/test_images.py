"""Picture files: formats, orientation, profile, depth, and what goes wrong in words."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from gramarye.errors import InputError
from gramarye.images import check_writable, from_image, read_picture, to_image, write_picture
from gramarye_protocol.pixels import PixelBuffer

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


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
    write_picture(from_image(image, PROFILE), path)
    again = read_picture(path)
    assert bytes(again.data) == image.tobytes()
    assert again.profile == PROFILE


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


def test_a_depth_that_files_cannot_hold_is_refused(tmp_path: Path) -> None:
    pixels = PixelBuffer(1, 1, "RGB", "f32", bytes(12))
    assert _code(write_picture, pixels, tmp_path / "picture.png") == "picture-depth"
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_written_picture_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    write_picture(from_image(_gradient("RGB")), path)
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == ["picture.png", "plain"]
