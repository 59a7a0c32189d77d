"""``--style PICTURE[:WEIGHT[:SCALE]][@PART_SUFFIX]`` and ``--region MASK=`` the same."""

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
    """A picture file, or the name of a known style, with weight and scale (1 where not given), and perhaps the file
    of a mask of the part of it that counts.

    A file whose own name ends like a weight or a part is taken as it is. Errors: ``style-unknown``.
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
    """The file of a mask, ``=``, and what `parse_style` takes. Errors: ``region-unclear``, ``style-unknown``."""
    mask, equals, style = text.partition("=")
    while equals and not Path(mask).is_file() and "=" in style:  # a file with = in its name
        more, _, style = style.partition("=")
        mask = f"{mask}={more}"
    if not (mask and equals and style):
        raise InputError("region-unclear", f"{text!r} is no region.", "Write it as MASK=STYLE, as in sky.png=swirls.")
    return replace(parse_style(style), mask=Path(mask))


def parse_styles(styles: Sequence[str], regions: Sequence[str], mix: float | None) -> list[Style]:
    """What ``--style``, ``--region`` and ``--mix`` say. Errors: ``no-style``, ``mix-unclear``, those of each."""
    chosen = [parse_style(text) for text in styles]
    if mix is not None:
        chosen = mix_styles(chosen, mix)
    chosen += [parse_region(text) for text in regions]
    if not chosen:
        raise InputError("no-style", "No style was named.", "Name one with --style, or a region with --region.")
    return chosen


def mix_styles(styles: Sequence[Style], percent: float) -> list[Style]:
    """Two styles, ``percent`` of them the second, 0 to 100. Errors: ``mix-unclear``."""
    if len(styles) != 2:
        raise InputError("mix-unclear", f"A mix is of two styles, not {len(styles)}.", "Name two with --style.")
    shares = zip(styles, (100.0 - percent, percent), strict=True)
    return [replace(style, weight=share / 100.0) for style, share in shares if share > 0.0]


def style_arguments(style: Style) -> list[str]:
    """The option and the text that make this style again, to nine decimals."""
    text = f"{style.name or style.picture}:{_decimal(style.weight)}:{_decimal(style.scale)}"
    text += f"@{style.part}" if style.part else ""
    return ["-s", text] if style.mask is None else ["--region", f"{style.mask}={text}"]


def _decimal(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _style(what: str, weight: float, scale: float) -> Style:
    path = Path(what)
    if path.suffix or len(path.parts) > 1 or path.is_file():
        return Style(path, weight=weight, scale=scale)
    name = what if daemon_file_from_env() else find_style(what).name  # a daemon that a file names has styles of its own
    return Style(name=name, weight=weight, scale=scale)


def styles_title(styles: Sequence[Style]) -> str:
    """How the styles of `parse_style` read in a list of jobs."""
    return ", ".join((style.name or Path(str(style.picture)).stem).replace("_", " ") for style in styles)
