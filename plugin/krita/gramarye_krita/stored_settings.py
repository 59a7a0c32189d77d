"""The user's settings, stored in Krita's configuration."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Tuple

from gramarye_plugin.settings import PaintSettings
from krita import Krita

from .document.placement.insertion import ABOVE_SOURCE

GROUP, KEY = "gramarye", "settings"
DEFAULT_SHARE = 50
MAX_RECENT = 12
"""Number of recently used styles that are remembered."""


@dataclass(frozen=True)
class Settings:
    """The settings of the docker. ``files`` are the paths of the user's style pictures.

    ``chosen`` are the gallery keys of the chosen styles: a built-in style's name or a file's path. ``second`` is the
    key of the second style, empty for none; ``share`` is its share in percent. ``continues_last``: a layer painted
    again continues from its last painting. ``recent`` are the keys of the styles painted with, the last first.
    ``placement`` says where a painting goes (`document.placement`).
    """

    paint_settings: PaintSettings = field(default_factory=PaintSettings)
    chosen: Tuple[str, ...] = ()
    files: Tuple[str, ...] = ()
    second: str = ""
    share: int = DEFAULT_SHARE
    continues_last: bool = True
    recent: Tuple[str, ...] = ()
    placement: str = ABOVE_SOURCE

    def with_paint_settings(self, **values: Any) -> Settings:
        """Return a copy with some of the paint settings changed."""
        return replace(self, paint_settings=replace(self.paint_settings, **values))

    def with_recent(self, keys: Tuple[str, ...]) -> Settings:
        """Return a copy in which the styles ``keys`` were painted with last."""
        return replace(self, recent=tuple(dict.fromkeys((*keys, *self.recent)))[:MAX_RECENT])


def load() -> Settings:
    """Return the stored settings; the defaults if nothing valid is stored."""
    try:
        stored: Dict[str, Any] = json.loads(Krita.instance().readSetting(GROUP, KEY, "{}"))
        paint_settings = PaintSettings(**stored.get("wishes", {}))
        chosen, files, recent = (
            tuple(str(name) for name in stored.get(key, ())) for key in ("chosen", "files", "recent")
        )
        second, share = str(stored.get("second", "")), int(stored.get("share", DEFAULT_SHARE))
        continues_last = bool(stored.get("goes_on", True))
        placement = str(stored.get("placement", ABOVE_SOURCE))
        return Settings(paint_settings, chosen, files, second, share, continues_last, recent, placement)
    except (ValueError, TypeError, AttributeError):
        return Settings()


def store(settings: Settings) -> None:
    """Store the settings."""
    paint_settings = settings.paint_settings
    stored = {
        "wishes": {
            "strength": paint_settings.strength,
            "stroke": paint_settings.stroke,
            "preset": paint_settings.preset,
            "network": paint_settings.network,
            "recipe": dict(paint_settings.recipe),
        },
        "chosen": settings.chosen,
        "files": settings.files,
        "second": settings.second,
        "share": settings.share,
        "goes_on": settings.continues_last,
        "recent": settings.recent,
        "placement": settings.placement,
    }
    Krita.instance().writeSetting(GROUP, KEY, json.dumps(stored))
