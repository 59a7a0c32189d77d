"""Adds pictures to the user's styles folder, and removes them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ..engine.vgg.layers import MIN_SIDE
from ..errors import InputError
from ..files.atomic_write import atomic_write
from ..files.paths import styles_dir
from ..image_files import read_picture
from .known import STYLE_SUFFIXES, KnownStyle, find_style, user_styles

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,62}[\w])?")


def add_style(picture: Path, name: str | None = None, replace: bool = False) -> KnownStyle:
    """Copy a picture file, byte for byte, into the user's styles folder.

    Without ``name`` the style's name is made from the file's name. A style of the same name is replaced only if
    ``replace`` is true.
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
            "style-exists", f"You have a style called {chosen}.", "Choose another --name, or use --replace."
        )
    suffix = picture.suffix.lower()
    path = (
        styles_dir() / f"{chosen}{suffix if suffix in STYLE_SUFFIXES else STYLE_SUFFIXES[0]}"
    )  # format is recognised by content
    _copy(picture, path)
    if before is not None and before.path != path:
        before.path.unlink(missing_ok=True)
    return KnownStyle(chosen, path, is_built_in=False)


def remove_style(name: str) -> None:
    """Delete one of the user's styles. Errors: ``style-built-in``, ``style-unknown``, ``style-unwritable``."""
    style = find_style(name)
    if style.is_built_in:
        raise InputError("style-built-in", f"{name} is a built-in style.", "Only your own styles can be removed.")
    try:
        style.path.unlink()
    except OSError as error:
        raise _unwritable(style.path, error) from None


def _validated_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(
            "style-bad-name",
            f"{name!r} is not a valid style name.",
            "Use --name with up to 64 letters, digits, spaces, dots, hyphens and underscores, a letter or digit first.",
        )
    return name


def _copy(picture: Path, path: Path) -> None:
    """Copy a file atomically."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(picture, "rb") as given, atomic_write(path) as file:
            shutil.copyfileobj(given, file)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        "style-unwritable",
        f"{path} cannot be changed: {error.strerror}.",
        "Check its permissions and the free space.",
    )
