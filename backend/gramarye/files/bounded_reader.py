"""A file that gives no more than it has: libraries ask for what a file claims, and that is allocated first."""

from __future__ import annotations

import os
from io import BufferedReader, FileIO
from pathlib import Path


class BoundedReader(BufferedReader):
    """A file to read whose reads are never larger than it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path))
        self._size = os.fstat(self.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """As a buffered file does."""
        return super().read(size if size is None or size < 0 else min(size, self._size))
