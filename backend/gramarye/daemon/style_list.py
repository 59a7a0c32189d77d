"""The list of known styles, with thumbnails."""

from __future__ import annotations

import logging
from dataclasses import replace

from gramarye_protocol.messages import StyleEntry

from ..errors import GramaryeError
from ..styles.known import known_styles
from .limits import MAX_LISTED_STYLES

log = logging.getLogger(__name__)

THUMBNAIL_SIDE = 128
"""Longest side of a thumbnail, in pixels."""


def style_entries() -> tuple[StyleEntry, ...]:
    """Return the known styles with thumbnails, at most `MAX_LISTED_STYLES`; unreadable pictures are left out."""
    from ..image_files import read_picture, to_eight_bits  # imports Pillow and NumPy

    entries = []
    for style in list(known_styles().values())[:MAX_LISTED_STYLES]:
        try:
            thumbnail = to_eight_bits(read_picture(style.path, max_side=THUMBNAIL_SIDE))
        except GramaryeError as error:
            log.warning("a style cannot be shown: %s", error.message)
            continue
        entries.append(StyleEntry(style.name, style.title, replace(thumbnail, profile=b"")))
    return tuple(entries)
