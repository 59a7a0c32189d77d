"""Reading the ICC profile of PNG files written by another program."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from gramarye_plugin.png import icc_profile


def png_bytes(**options: object) -> bytes:
    file = BytesIO()
    Image.new("RGB", (3, 2)).save(file, "PNG", **options)
    return file.getvalue()


def test_the_profile_is_found_behind_other_chunks() -> None:
    profile = bytes(range(256)) * 40
    assert icc_profile(png_bytes(icc_profile=profile, dpi=(72, 72))) == profile


@pytest.mark.parametrize("data", [png_bytes(), b"", b"GIF89a", png_bytes()[:20]])
def test_without_a_profile_the_result_is_empty(data: bytes) -> None:
    assert icc_profile(data) == b""
