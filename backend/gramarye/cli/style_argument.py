"""Parses ``--style PICTURE[:WEIGHT[:SCALE]][@PART]``, ``--region MASK=STYLE`` and ``--mix PERCENT``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..client import Style
from ..client.daemon_file import daemon_file_from_env
from ..errors import InputError
from ..styles.known import find_style

_NUMBER = r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+"
_WITH_NUMBERS = re.compile(rf"(?P<what>.+?):(?P<weight>{_NUMBER})(?::(?P<scale>{_NUMBER}))?")


def parse_style(text: str) -> Style:
    """Parse ``PICTURE[:WEIGHT[:SCALE]][@PART]``.

    PICTURE is a file or the name of a known style; weight and scale default to 1; PART is a mask file
    that selects the part of the picture to use. If ``text`` is the name of a file, it is not split.

    Errors: ``style-unknown``.
    """
    match = _WITH_NUMBERS.fullmatch(text)
    what, at, part = text.rpartition("@")
    if Path(text).is_file():
        return _style(text, 1.0, 1.0)
    if at and what and not (match and Path(match["what"]).is_file()):
        return replace(parse_style(what), part=Path(part))
    if match is None:
        return _style(text, 1.0, 1.0)
    return _style(match["what"], float(match["weight"]), float(match["scale"] or 1.0))


def parse_region(text: str) -> Style:
    """Parse ``MASK=STYLE``, where STYLE is as for `parse_style`. Errors: ``region-unclear``, ``style-unknown``."""
    mask, equals, style = text.partition("=")
    while equals and not Path(mask).is_file() and "=" in style:  # the file's name contains =
        more, _, style = style.partition("=")
        mask = f"{mask}={more}"
    if not (mask and equals and style):
        raise InputError(
            "region-unclear", f"{text!r} is not a region.", "Write it as MASK=STYLE, as in sky.png=swirls."
        )
    return replace(parse_style(style), mask=Path(mask))


def parse_styles(styles: Sequence[str], regions: Sequence[str], mix: float | None) -> list[Style]:
    """Parse ``--style``, ``--region`` and ``--mix``.

    Errors: ``no-style``, those of `parse_style`, `parse_region` and `mix_styles`.
    """
    chosen = [parse_style(text) for text in styles]
    if mix is not None:
        chosen = mix_styles(chosen, mix)
    chosen += [parse_region(text) for text in regions]
    if not chosen:
        raise InputError("no-style", "No style was given.", "Give one with --style, or a region with --region.")
    return chosen


def mix_styles(styles: Sequence[Style], percent: float) -> list[Style]:
    """Weight two styles: ``percent`` (0 to 100) is the second one's share; drop a style whose share is 0.

    Errors: ``mix-unclear``.
    """
    if len(styles) != 2:
        raise InputError("mix-unclear", f"A mix needs two styles, not {len(styles)}.", "Give two with --style.")
    shares = zip(styles, (100.0 - percent, percent), strict=True)
    return [replace(style, weight=share / 100.0) for style, share in shares if share > 0.0]


def style_arguments(style: Style) -> list[str]:
    """Return the command-line arguments for this style; numbers have at most nine decimals."""
    text = f"{style.name or style.picture}:{_decimal(style.weight)}:{_decimal(style.scale)}"
    text += f"@{style.part}" if style.part else ""
    return ["-s", text] if style.mask is None else ["--region", f"{style.mask}={text}"]


def _decimal(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _style(what: str, weight: float, scale: float) -> Style:
    path = Path(what)
    if path.suffix or len(path.parts) > 1 or path.is_file():
        return Style(path, weight=weight, scale=scale)
    name = what if daemon_file_from_env() else find_style(what).name  # a daemon named by a file has its own styles
    return Style(name=name, weight=weight, scale=scale)


def styles_title(styles: Sequence[Style]) -> str:
    """Return the names of styles from `parse_style`, for the title of a job."""
    return ", ".join((style.name or Path(str(style.picture)).stem).replace("_", " ") for style in styles)
