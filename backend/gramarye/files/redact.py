"""Removes private data from text: folders in paths, keys, and given words.

`redact` keeps the last part of a path. `Redactor` also removes that part, file names of pictures, and given words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_KEY = re.compile(r"\b[0-9a-fA-F]{32,}\b")
"""A connection's key, or anything that could be one."""

PATH_PLACEHOLDER = "\N{HORIZONTAL ELLIPSIS}/"
"""Replaces the folders of a path."""

_SEPARATOR = r"[/\\]"
_PATH = re.compile(
    rf"""
    (?: (?<![\w.:/\\\N{{HORIZONTAL ELLIPSIS}}]) (?:[A-Za-z]:|~)? {_SEPARATOR}{{1,2}}  # root, drive, home or server
      | (?<=://) {_SEPARATOR}                                              # or file:// URL
    )
    (?= [^\s/\\] )
    (?: [^/\\"'\n<>|]+ {_SEPARATOR}+ )*                                    # folders, whose names may contain spaces
    """,
    re.VERBOSE,
)

_REDACTED_PATH = re.compile(
    rf"""{PATH_PLACEHOLDER}(?:([\w.+-]+\.(?:py|pyx|pyd|so|dll|c|cc|cpp|cu|h))\b|[^"':;,)\n\r<>|]*)"""
)
"""What `redact` leaves of a path: the name of a source file or library, or anything up to a punctuation mark."""

_PICTURE_NAME = re.compile(
    r"""[^"':;,\n\r\t/\\]{0,255}\.(?:png|jpe?g|tiff?|webp|gif|bmp|svg|heic|exr|hdr|kra|krz|ora|xcf|psd|psb|gpl)\b""",
    re.IGNORECASE,
)
"""A file name of a picture or document, with the words before it up to a punctuation mark: names may contain spaces."""


def redact(text: str) -> str:
    """Return ``text`` with every path shortened to its last part and every key replaced."""
    return _PATH.sub(PATH_PLACEHOLDER, _KEY.sub("<key>", text))


class Redactor:
    """Removes keys, file names of pictures, paths (except names of source files and libraries), and given words."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """``words`` maps each word to its replacement. Blank words are ignored; longer words are matched first."""
        self._words = {word.casefold(): replacement for word, replacement in words.items() if word.strip()}
        longest_first = sorted(self._words, key=len, reverse=True)
        pattern = "|".join(re.escape(word) for word in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if pattern else None

    def text(self, text: str) -> str:
        """Return ``text`` redacted."""
        if self._pattern is not None:
            text = self._pattern.sub(lambda found: self._words.get(found.group().casefold(), "<private>"), text)
        text = _REDACTED_PATH.sub(lambda found: found.group(1) or "<path>", redact(text))
        return _PICTURE_NAME.sub("<picture>", text)

    def value(self, value: object) -> object:
        """Return a JSON value with every string redacted, except the keys of objects."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {name: self.value(item) for name, item in value.items()}
        return value
