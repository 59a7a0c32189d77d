"""The demo's pictures as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from .noise import Field
from .scene import draw_scene
from .swirls import draw_swirls

PICTURES: dict[str, Callable[[], Field]] = {"content.png": draw_scene, "style-swirls.png": draw_swirls}
"""File name -> what draws it: (height, width, 3), RGB 0..1."""


def draw_all(folder: Path) -> list[Path]:
    """Draw every picture into ``folder`` as an 8-bit sRGB PNG; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, draw in PICTURES.items():
        pixels = np.round(np.clip(draw(), 0, 1) * 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / name, optimize=True)
        written.append(folder / name)
    return written
