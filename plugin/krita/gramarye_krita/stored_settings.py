"""What the artist set, kept in Krita's own settings from one session to the next."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Tuple

from gramarye_plugin.settings import Wishes
from krita import Krita

GROUP, KEY = "gramarye", "settings"
HALF = 50


@dataclass(frozen=True)
class Settings:
    """``chosen`` are the styles' names as the gallery has them: a built-in's name, or a file's path.

    ``second`` is the name of another, empty for none, of which ``share`` percent are mixed in.
    """

    wishes: Wishes = field(default_factory=Wishes)
    chosen: Tuple[str, ...] = ()
    files: Tuple[str, ...] = ()
    second: str = ""
    share: int = HALF
    goes_on: bool = True

    def with_wishes(self, **values: Any) -> Settings:
        """Some wishes changed."""
        return replace(self, wishes=replace(self.wishes, **values))


def load() -> Settings:
    """What was stored; the defaults where that is nothing sound."""
    try:
        stored: Dict[str, Any] = json.loads(Krita.instance().readSetting(GROUP, KEY, "{}"))
        wishes = Wishes(**stored.get("wishes", {}))
        chosen, files = (tuple(str(name) for name in stored.get(key, ())) for key in ("chosen", "files"))
        second, share = str(stored.get("second", "")), int(stored.get("share", HALF))
        return Settings(wishes, chosen, files, second, share, bool(stored.get("goes_on", True)))
    except (ValueError, TypeError, AttributeError):
        return Settings()


def store(settings: Settings) -> None:
    """Keep them."""
    wishes = settings.wishes
    stored = {
        "wishes": {
            "strength": wishes.strength,
            "stroke": wishes.stroke,
            "preset": wishes.preset,
            "network": wishes.network,
            "recipe": dict(wishes.recipe),
        },
        "chosen": settings.chosen,
        "files": settings.files,
        "second": settings.second,
        "share": settings.share,
        "goes_on": settings.goes_on,
    }
    Krita.instance().writeSetting(GROUP, KEY, json.dumps(stored))
