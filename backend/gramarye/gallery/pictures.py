"""The pictures that come with Gramarye: file names and the functions that draw them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from .harbour.scene import draw_scene
from .noise import FloatArray
from .styles.charcoal import draw_charcoal
from .styles.facets import draw_facets
from .styles.pointillism import draw_pointillism
from .styles.stained_glass import draw_stained_glass
from .styles.swirls import draw_swirls
from .styles.watercolour import draw_watercolour
from .styles.waves import draw_waves
from .styles.woodcut import draw_woodcut

PICTURES: dict[str, Callable[[], FloatArray]] = {
    "content.png": draw_scene,
    "style-charcoal.png": draw_charcoal,
    "style-facets.png": draw_facets,
    "style-pointillism.png": draw_pointillism,
    "style-stained-glass.png": draw_stained_glass,
    "style-swirls.png": draw_swirls,
    "style-watercolour.png": draw_watercolour,
    "style-waves.png": draw_waves,
    "style-woodcut.png": draw_woodcut,
}
"""File name -> function that returns the picture (height, width, 3), RGB 0..1."""


def draw_all(folder: Path) -> list[Path]:
    """Draw every picture into ``folder``; return the files written."""
    return [draw_picture(name, folder) for name in PICTURES]


def draw_picture(name: str, folder: Path) -> Path:
    """Draw the picture ``name`` into ``folder`` as an 8-bit sRGB PNG; return the file written."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.round(np.clip(PICTURES[name](), 0, 1) * 255).astype(np.uint8)
    Image.fromarray(pixels).save(folder / name, optimize=True)
    return folder / name
