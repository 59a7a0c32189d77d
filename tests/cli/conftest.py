"""Fixture with a photograph and a style picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    """A photograph with a profile and an EXIF rotation by 90 degrees, and a style."""
    values = np.random.default_rng(0).integers(0, 256, (36, 48, 3), dtype=np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(values).save(tmp_path / "photo.png", icc_profile=profile, exif=exif)
    Image.fromarray(values[::-1]).save(tmp_path / "style.png")
    return tmp_path / "photo.png", tmp_path / "style.png"
