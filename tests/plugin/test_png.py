"""The colour profile in PNG files that another program wrote."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from gramarye_plugin.png import icc_profile


def written(**options: object) -> bytes:
    file = BytesIO()
    Image.new("RGB", (3, 2)).save(file, "PNG", **options)
    return file.getvalue()


def test_the_profile_is_found_behind_other_chunks() -> None:
    profile = bytes(range(256)) * 40
    assert icc_profile(written(icc_profile=profile, dpi=(72, 72))) == profile


@pytest.mark.parametrize("data", [written(), b"", b"GIF89a", written()[:20]])
def test_none_where_there_is_none(data: bytes) -> None:
    assert icc_profile(data) == b""
