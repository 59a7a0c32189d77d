"""The pairs of a content and a style that are painted: the project's own, and pictures from a folder that is given."""

from __future__ import annotations

import os
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]
GALLERY = _REPOSITORY / "backend" / "gramarye" / "gallery"
PICTURES = Path(os.environ.get("GRAMARYE_SHARED", _REPOSITORY.parent / "shared")) / "images"
"""The default folder of photographs and paintings, which are not part of the project."""

Pair = tuple[Path, Path]
"""A content and a style."""

OWN_PAIRS: dict[str, Pair] = {
    name: (GALLERY / "content.png", GALLERY / f"style-{name}.png") for name in ("waves", "woodcut", "swirls")
}
"""Pictures drawn by the project itself, by name."""

PAIRS = tuple(OWN_PAIRS.values())

_PICTURE_FILES = {
    "hoovertowernight-starry_night": ("content/hoovertowernight.jpg", "style/starry_night.jpg"),
    "tubingen-starry_night": ("content/tubingen.jpg", "style/starry_night.jpg"),
    "tubingen-064": ("content/tubingen.jpg", "training/064.jpg"),
}
"""A photograph and a painting each, by name; 064 has flat colours and thick outlines."""

NAMES = (*OWN_PAIRS, *_PICTURE_FILES)


def find_pairs(folder: Path) -> dict[str, Pair]:
    """Return the project's own pairs, and those of ``folder`` of which both pictures are there, by name."""
    found = {name: (folder / content, folder / style) for name, (content, style) in _PICTURE_FILES.items()}
    return OWN_PAIRS | {name: pair for name, pair in found.items() if all(path.is_file() for path in pair)}
