"""A file reader that never allocates more than the file's size.

Libraries request as many bytes as a file's header states, and Python allocates them before it reads.
"""

from __future__ import annotations

import os
from io import BufferedReader, FileIO
from pathlib import Path


class BoundedReader(BufferedReader):
    """A buffered binary reader that limits the size of each read to the size of the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(FileIO(path))
        self._size = os.fstat(self.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to ``size`` bytes, like `BufferedReader.read`."""
        return super().read(size if size is None or size < 0 else min(size, self._size))
