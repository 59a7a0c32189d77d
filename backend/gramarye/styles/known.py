"""Styles known by name: the built-in pictures and those in the user's styles folder."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ..errors import InputError
from ..files.paths import styles_dir

STYLE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
"""Extensions of the files in the user's folder that count as styles."""


@dataclass(frozen=True)
class KnownStyle:
    """A style picture that a job can refer to by name."""

    name: str
    path: Path
    is_built_in: bool

    @property
    def title(self) -> str:
        """The name with spaces instead of hyphens and underscores."""
        return self.name.replace("-", " ").replace("_", " ")


def built_in_styles() -> dict[str, KnownStyle]:
    """Return the built-in styles by name."""
    folder = Path(str(resources.files("gramarye") / "gallery"))
    names = {path.stem.removeprefix("style-"): path for path in sorted(folder.glob("style-*.png"))}
    return {name: KnownStyle(name, path, is_built_in=True) for name, path in names.items()}


def user_styles() -> dict[str, KnownStyle]:
    """Return the user's own styles by name."""
    folder = styles_dir()
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    pictures = [path for path in files if path.suffix.lower() in STYLE_SUFFIXES and not path.name.startswith(".")]
    return {path.stem: KnownStyle(path.stem, path, is_built_in=False) for path in pictures}


def known_styles() -> dict[str, KnownStyle]:
    """Return all styles by name; the user's own take precedence over built-in ones."""
    return built_in_styles() | user_styles()


def find_style(name: str) -> KnownStyle:
    """Return the style called ``name``. Errors: ``style-unknown``."""
    styles = known_styles()
    if name not in styles:
        raise InputError(
            "style-unknown", f"There is no style called {name!r}.", "Known styles: " + (", ".join(styles) or "none")
        )
    return styles[name]
