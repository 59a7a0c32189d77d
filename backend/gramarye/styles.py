"""Styles known by name: the built-in pictures and the user's own folder."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from .errors import InputError
from .paths import styles_dir

_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class KnownStyle:
    """A style picture that a job may name instead of sending it."""

    name: str
    path: Path

    @property
    def title(self) -> str:
        """The name as a person would write it."""
        return self.name.replace("-", " ").replace("_", " ")


def known_styles() -> dict[str, KnownStyle]:
    """Name -> style; the user's own take precedence over the built-in ones."""
    built_in = Path(str(resources.files("gramarye") / "gallery"))
    found: dict[str, KnownStyle] = {}
    for path in [*sorted(built_in.glob("style-*.png")), *_pictures(styles_dir())]:
        name = path.stem.removeprefix("style-")
        found[name] = KnownStyle(name, path)
    return found


def find_style(name: str) -> KnownStyle:
    """Errors: ``style-unknown``."""
    styles = known_styles()
    if name not in styles:
        raise InputError(
            "style-unknown", f"There is no style called {name!r}.", "Known styles: " + (", ".join(styles) or "none")
        )
    return styles[name]


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)
