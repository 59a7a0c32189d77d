"""The user's own styles: pictures put into the styles folder, and taken out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ..errors import InputError
from ..files.atomic_write import atomic_write
from ..files.paths import styles_dir
from ..image_files import read_picture
from .known import STYLE_SUFFIXES, KnownStyle, find_style, user_styles

MIN_SIDE = 16
"""Pixels: VGG19 halves a picture four times before conv5_1."""

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,62}[\w])?")


def add_style(picture: Path, name: str | None = None, replace: bool = False) -> KnownStyle:
    """Copy a picture file, byte for byte, into the user's styles; without ``name`` it is called as the file.

    Errors: those of `read_picture`, ``style-too-small``, ``style-bad-name``, ``style-exists``, ``style-unwritable``.
    """
    pixels = read_picture(picture)
    if min(pixels.width, pixels.height) < MIN_SIDE:
        raise InputError(
            "style-too-small",
            f"{picture.name} is {pixels.width} x {pixels.height} pixels.",
            f"Each side needs at least {MIN_SIDE} pixels.",
        )
    chosen = _validated_name(re.sub(r"[\s_]+", "-", picture.stem.lower()) if name is None else name)
    before = user_styles().get(chosen)
    if before is not None and not replace:
        raise InputError(
            "style-exists", f"You have a style called {chosen}.", "Choose another --name, or say --replace."
        )
    suffix = picture.suffix.lower()
    path = (
        styles_dir() / f"{chosen}{suffix if suffix in STYLE_SUFFIXES else STYLE_SUFFIXES[0]}"
    )  # pictures are read by content
    _copy(picture, path)
    if before is not None and before.path != path:
        before.path.unlink(missing_ok=True)
    return KnownStyle(chosen, path, is_built_in=False)


def remove_style(name: str) -> None:
    """Delete one of the user's styles. Errors: ``style-built-in``, ``style-unknown``, ``style-unwritable``."""
    style = find_style(name)
    if style.is_built_in:
        raise InputError("style-built-in", f"{name} comes with Gramarye and stays.", "Only your own can be removed.")
    try:
        style.path.unlink()
    except OSError as error:
        raise _unwritable(style.path, error) from None


def _validated_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(
            "style-bad-name",
            f"{name!r} cannot be a style's name.",
            "Use up to 64 letters, digits, spaces, dots, hyphens and underscores, first a letter or digit: --name.",
        )
    return name


def _copy(picture: Path, path: Path) -> None:
    """Whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(picture, "rb") as given, atomic_write(path) as file:
            shutil.copyfileobj(given, file)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        "style-unwritable", f"{path} cannot be changed: {error.strerror}.", "Give permission or make room there."
    )
