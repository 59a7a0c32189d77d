"""``--style PICTURE[:WEIGHT[:SCALE]]``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..client import Style
from ..styles import find_style

_NUMBER = r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+"
_WITH_NUMBERS = re.compile(rf"(?P<what>.+?):(?P<weight>{_NUMBER})(?::(?P<scale>{_NUMBER}))?")


def parse_style(text: str) -> Style:
    """A picture file, or the name of a known style, with weight and scale (1 where not given).

    A file whose own name ends like a weight is taken as it is. Errors: ``style-unknown``.
    """
    match = _WITH_NUMBERS.fullmatch(text)
    if match is None or Path(text).is_file():
        return _style(text, 1.0, 1.0)
    return _style(match["what"], float(match["weight"]), float(match["scale"] or 1.0))


def style_argument(style: Style) -> str:
    """The text that `parse_style` makes this of, to nine decimals."""
    return f"{style.name or style.picture}:{_decimal(style.weight)}:{_decimal(style.scale)}"


def _decimal(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _style(what: str, weight: float, scale: float) -> Style:
    path = Path(what)
    if path.suffix or len(path.parts) > 1 or path.is_file():
        return Style(path, weight=weight, scale=scale)
    return Style(name=find_style(what).name, weight=weight, scale=scale)


def title_of(styles: Sequence[Style]) -> str:
    """How the styles of `parse_style` read in a list of jobs."""
    return ", ".join((style.name or Path(str(style.picture)).stem).replace("_", " ") for style in styles)
