"""Takes out of a text what is nobody else's business: where files lie, keys, and given words.

Paths are cut to their last part. `Redactor` takes out that too, names of pictures, and the words that it was given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_KEY = re.compile(r"\b[0-9a-fA-F]{32,}\b")
"""A connection's key, and anything that could be one."""

PATH_PLACEHOLDER = "\N{HORIZONTAL ELLIPSIS}/"
"""What stands in the place of a path's folders."""

_SEPARATOR = r"[/\\]"
_PATH = re.compile(
    rf"""
    (?: (?<![\w.:/\\\N{{HORIZONTAL ELLIPSIS}}]) (?:[A-Za-z]:|~)? {_SEPARATOR}{{1,2}}  # of a root, drive, home or server
      | (?<=://) {_SEPARATOR}                                              # or of a file:// address
    )
    (?= [^\s/\\] )
    (?: [^/\\"'\n<>|]+ {_SEPARATOR}+ )*                                    # folders, with blanks in their names
    """,
    re.VERBOSE,
)

_REDACTED_PATH = re.compile(
    rf"""{PATH_PLACEHOLDER}(?:([\w.+-]+\.(?:py|pyx|pyd|so|dll|c|cc|cpp|cu|h))\b|[^"':;,)\n\r<>|]*)"""
)
"""What `redact` has left of a path: the name of a piece of program, or anything up to a sign."""

_PICTURE_NAME = re.compile(
    r"""[^"':;,\n\r\t/\\]{0,255}\.(?:png|jpe?g|tiff?|webp|gif|bmp|svg|heic|exr|hdr|kra|krz|ora|xcf|psd|psb|gpl)\b""",
    re.IGNORECASE,
)
"""A picture's or document's name, with the words before it up to a sign: a name may have blanks."""


def redact(text: str) -> str:
    """``text`` with every path cut to its last part, and without keys."""
    return _PATH.sub(PATH_PLACEHOLDER, _KEY.sub("<key>", text))


class Redactor:
    """Takes out keys, names of pictures, paths but for pieces of program, and given words that stand by themselves."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """Word -> what to put in its place; blank words are passed over, longer ones go before shorter ones."""
        self._words = {word.casefold(): replacement for word, replacement in words.items() if word.strip()}
        longest_first = sorted(self._words, key=len, reverse=True)
        pattern = "|".join(re.escape(word) for word in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if pattern else None

    def text(self, text: str) -> str:
        """One text."""
        if self._pattern is not None:
            text = self._pattern.sub(lambda found: self._words.get(found.group().casefold(), "<private>"), text)
        text = _REDACTED_PATH.sub(lambda found: found.group(1) or "<path>", redact(text))
        return _PICTURE_NAME.sub("<picture>", text)

    def value(self, value: object) -> object:
        """The same in every text of a JSON value; names of its fields stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {name: self.value(item) for name, item in value.items()}
        return value
